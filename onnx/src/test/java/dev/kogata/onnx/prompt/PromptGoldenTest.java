package dev.kogata.onnx.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kogata.onnx.DemoFolder;
import dev.kogata.onnx.dataset.Conversation;
import dev.kogata.onnx.dataset.Dataset;
import dev.kogata.onnx.dataset.DatasetLimits;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.stream.StreamSupport;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

/** Against tokens of Hugging Face transformers and pixels of Pillow. */
class PromptGoldenTest {
    private static JsonNode golden() throws IOException {
        return new ObjectMapper().readTree(PromptGoldenTest.class.getResource("golden.json"));
    }

    @Test
    void tokensAnswersAndPixelsAreThoseOfThePythonLibraries() throws IOException {
        Dataset dataset = Dataset.read(DemoFolder.DATA, DemoFolder.HELDOUT, DatasetLimits.DEFAULT);
        ImagePreprocessor preprocessor = ImagePreprocessor.open(DemoFolder.MODEL);
        try (PromptEncoder encoder = PromptEncoder.open(DemoFolder.MODEL)) {
            for (JsonNode expected : golden().get("conversations")) {
                Conversation conversation = dataset.conversations().get(expected.get("line").asInt() - 1);
                Prompt prompt = encoder.encode(conversation, conversation.pictures().stream().map(picture -> 64).toList());
                assertThat(prompt.tokens()).containsExactly(longs(expected.get("tokens")));
                assertThat(prompt.answerPositions()).containsExactly(ints(expected.get("answer_positions")));
                assertThat(prompt.answerTokens()).containsExactly(ints(expected.get("answer_tokens")));
                assertThat(prompt.answerTurns()).containsExactly(ints(expected.get("answer_turns")));
                if (expected.has("pixels_sum")) {
                    Pixels pixels = preprocessor.pixels(dataset.picture(conversation, conversation.pictures().get(0)));
                    double sum = 0;
                    for (float value : pixels.values().array()) {
                        sum += value;
                    }
                    assertThat(sum).isCloseTo(expected.get("pixels_sum").asDouble(), within(1e-3));
                    for (int i = 0; i < 8; i++) {
                        assertThat(pixels.values().get(i)).isEqualTo(expected.get("pixels_first").get(i).floatValue());
                    }
                }
            }
        }
    }

    @Test
    void resizedImagesArePillowsBitForBit() throws IOException {
        byte[] image = golden().get("image").binaryValue();
        for (JsonNode expected : golden().get("resampling")) {
            Resampling filter = Resampling.of(expected.get("filter").asInt());
            byte[] resized = filter.resize(image, 19, 27, 3, expected.get("height").asInt(), expected.get("width").asInt());
            assertThat(resized).as("%s to %s x %s", filter, expected.get("height"), expected.get("width")).containsExactly(expected.get("pixels").binaryValue());
        }
    }

    @Test
    void greyPaletteAndTransparentImagesBecomeTheSameRgb() throws IOException {
        for (JsonNode expected : golden().get("modes")) {
            RgbImage image = RgbImage.of(ImageIO.read(new ByteArrayInputStream(expected.get("png").binaryValue())));
            assertThat(image.values()).as(expected.get("mode").asText()).containsExactly(expected.get("rgb").binaryValue());
        }
    }

    private static int[] ints(JsonNode node) {
        return StreamSupport.stream(node.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
    }

    private static long[] longs(JsonNode node) {
        return StreamSupport.stream(node.spliterator(), false).mapToLong(JsonNode::asLong).toArray();
    }
}
