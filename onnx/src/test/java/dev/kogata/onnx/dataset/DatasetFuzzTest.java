package dev.kogata.onnx.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.kogata.core.RefusedInput;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Any bytes in place of a dataset's lines or of a picture: conversations with an answer each, or a refusal that names no path outside. */
class DatasetFuzzTest {

    private static final DatasetLimits LIMITS = new DatasetLimits(1 << 20, 1000, 100, 1 << 20, 1 << 20);

    @TempDir
    static Path folder;

    @BeforeAll
    static void pictures() throws IOException {
        BufferedImage picture = new BufferedImage(2, 2, BufferedImage.TYPE_INT_RGB);
        for (String name : new String[] {"secret.png", "lines/a.png"}) {
            Files.createDirectories(folder.resolve(name).getParent());
            ImageIO.write(picture, "png", folder.resolve(name).toFile());
        }
        Files.writeString(Files.createDirectories(folder.resolve("picture")).resolve("data.jsonl"),
            "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image\",\"image\":\"a.png\"}]},{\"role\":\"assistant\",\"content\":\"A square.\"}]}");
    }

    @FuzzTest(maxDuration = "5m")
    void linesAreConversationsOrRefused(byte[] bytes) throws IOException {
        Files.write(folder.resolve("lines/data.jsonl"), bytes);
        read("lines");
    }

    @FuzzTest(maxDuration = "5m")
    void aPictureIsReadOrRefused(byte[] bytes) throws IOException {
        Files.write(folder.resolve("picture/a.png"), bytes);
        read("picture");
    }

    private static void read(String name) throws IOException {
        try {
            Dataset dataset = Dataset.read(folder.resolve(name), LIMITS);
            for (Conversation conversation : dataset.conversations()) {
                assertThat(conversation.messages()).anyMatch(message -> message.role() == Role.ASSISTANT);
            }
        } catch (RefusedInput refused) {
            assertThat(refused.reason()).matches("[A-Z][A-Z_]+");
            assertThat(refused).hasMessageNotContainingAny(folder.toString(), "dev.kogata", "java.", "javax.");
        }
    }
}
