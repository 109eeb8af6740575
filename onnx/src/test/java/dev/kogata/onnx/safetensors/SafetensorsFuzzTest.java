package dev.kogata.onnx.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** Any bytes: tensors that lie within the file, or the one exception that says what is wrong. */
class SafetensorsFuzzTest {

    @TempDir
    static Path folder;

    @FuzzTest(maxDuration = "5m")
    void tensorsLieWithinTheFileOrItIsRefused(byte[] bytes) throws IOException {
        Path file = Files.write(folder.resolve("fuzzed.safetensors"), bytes);
        try (Safetensors read = Safetensors.open(file)) {
            for (TensorEntry tensor : read.tensors()) {
                assertThat(read.bytes(tensor.name()).remaining()).isLessThanOrEqualTo(bytes.length);
                assertThat(read.offset(tensor.name())).isBetween(8L, (long) bytes.length);
            }
        } catch (InvalidSafetensorsException refused) {
            assertThat(refused).hasMessageNotContaining(folder.toString());
        }
    }
}
