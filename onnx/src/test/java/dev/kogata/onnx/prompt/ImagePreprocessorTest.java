package dev.kogata.onnx.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kogata.core.RefusedInput;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImagePreprocessorTest {
    @TempDir Path bundle;

    private ImagePreprocessor open(String config) throws IOException {
        Files.writeString(bundle.resolve("preprocessor_config.json"), config.replace('\'', '"'));
        return ImagePreprocessor.open(bundle);
    }

    @Test
    void theShorterEdgeIsResizedAndTheCentreCropped() throws IOException {
        ImagePreprocessor preprocessor = open("{'image_processor_type':'CLIPImageProcessorFast','size':{'shortest_edge':8},'crop_size':{'height':8,'width':6},'image_mean':[0,0,0],'image_std':[1,1,1]}");
        BufferedImage image = new BufferedImage(40, 20, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < 20; y++) {
            for (int x = 15; x < 25; x++) {
                image.setRGB(x, y, 0xff0000);
            }
        }
        Pixels pixels = preprocessor.pixels(image);
        assertThat(pixels.height()).isEqualTo(8);
        assertThat(pixels.width()).isEqualTo(6);
        assertThat(pixels.values().get(3)).as("red in the middle").isEqualTo(1f);
        assertThat(pixels.values().get(48 + 3)).as("not green").isZero();
        assertThat(pixels.values().get(0)).as("black at the left").isLessThan(.1f);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', value = {
        "{'image_processor_type':'Qwen2VLImageProcessor'}; images would be prepared by Qwen2VLImageProcessor",
        "{'do_pad':true,'size':{'height':8,'width':8}}; it asks for do_pad",
        "{'size':{'longest_edge':8},'image_mean':[0,0,0],'image_std':[1,1,1]}; its sizes are neither height and width nor shortest_edge",
        "{'size':{'height':100000,'width':8},'image_mean':[0,0,0],'image_std':[1,1,1]}; it makes images of 100000 x 8",
        "{'size':{'height':8,'width':8},'image_mean':[0,0,0],'image_std':[1,0,1]}; image_std does not have three numbers",
        "{'resample':17}; resample is 17",
        "[]; it has none",
    })
    void whatCannotBeDoneIsRefusedByName(String config, String message) {
        assertThatThrownBy(() -> open(config)).hasMessageContaining(message)
                .isInstanceOfSatisfying(RefusedInput.class, e -> assertThat(e.reason()).isEqualTo("PREPROCESSOR_UNSUPPORTED"));
    }
}
