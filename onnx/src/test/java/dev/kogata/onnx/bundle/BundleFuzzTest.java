package dev.kogata.onnx.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.kogata.core.RefusedInput;
import dev.kogata.onnx.format.Onnx.StringStringEntryProto;
import dev.kogata.onnx.format.Onnx.TensorProto;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Any bytes in place of a model or of what it says about its external data: a bundle, or a refusal in words that name no path. */
class BundleFuzzTest {

    @TempDir
    static Path folder;

    @BeforeAll
    static void externalData() throws IOException {
        Files.write(Files.createDirectories(folder.resolve("bundle")).resolve("weights.bin"), new byte[64]);
        Files.write(folder.resolve("secret.bin"), new byte[64]);
        Files.writeString(folder.resolve("bundle/config.json"), "{\"num_attention_heads\": 2, \"hidden_size\": 8}");
    }

    @FuzzTest(maxDuration = "5m")
    void aModelIsReadOrRefused(byte[] bytes) throws IOException {
        Files.write(folder.resolve("bundle/model.onnx"), bytes);
        try {
            Bundle bundle = Bundle.open(folder.resolve("bundle"));
            for (WeightMatrix weight : bundle.weights()) {
                bundle.zerosByOutputRow(weight);
                assertThat(bundle.read(weight).values()).hasSize(weight.outputs() * weight.inputs());
            }
        } catch (RefusedInput refused) {
            assertThat(refused.reason()).matches("[A-Z][A-Z_]+");
            assertThat(refused).hasMessageNotContainingAny(folder.toString(), "Exception");
        }
    }

    /** Lines: location, offset, length and one more key. */
    @FuzzTest(maxDuration = "5m")
    void externalDataLiesWithinItsFileAndTheBundleOrIsRefused(byte[] bytes) throws IOException {
        String[] lines = new String(bytes, StandardCharsets.UTF_8).split("\n", -1);
        TensorProto.Builder tensor = TensorProto.newBuilder().setName("w");
        String[] keys = {"location", "offset", "length"};
        for (int i = 0; i < lines.length && i < 4; i++) {
            tensor.addExternalData(StringStringEntryProto.newBuilder().setKey(i < keys.length ? keys[i] : lines[i]).setValue(lines[i]));
        }
        Path root = folder.resolve("bundle").toRealPath();
        try {
            ExternalData data = ExternalData.of(tensor.build(), "model.onnx", root, root, 16);
            assertThat(data.file().toRealPath()).startsWith(root);
            assertThat(data.length()).isEqualTo(16);
            assertThat(data.offset()).isBetween(0L, Files.size(data.file()) - 16);
        } catch (RefusedInput refused) {
            assertThat(refused).hasMessageNotContainingAny(folder.toString(), "Exception");
        }
    }
}
