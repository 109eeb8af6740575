package dev.kogata.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bad input at the command line: one sentence, a stable reason, exit code 3, before anything starts and with nothing left behind. */
class RefusalTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir Path folder;
    private Path model;
    private Path data;

    @BeforeEach
    void goodInput() throws IOException {
        model = folder.resolve("model");
        try (Stream<Path> files = Files.walk(CompressTest.MODEL)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path target = model.resolve(CompressTest.MODEL.relativize(file));
                Files.createDirectories(target.getParent());
                Files.copy(file, target);
            }
        }
        data = SmallData.first(12, "calibration", folder.resolve("data"));
    }

    private void refused(String reason, String mentions, String... more) throws IOException {
        String[] base = {"compress", model.toString(), "--out", folder.resolve("out").toString(), "--home", folder.resolve("home").toString(), "--json"};
        String[] all = Stream.concat(Arrays.stream(base), Arrays.stream(more)).toArray(String[]::new);
        Kogata.Run run = Kogata.run(Map.of(), all);
        assertThat(run.exit()).as(run.toString()).isEqualTo(3);
        JsonNode error = JSON.readTree(run.out().lines().reduce((a, b) -> b).orElseThrow()).get("error");
        assertThat(error.get("reason").asText()).isEqualTo(reason);
        assertThat(error.get("message").asText()).contains(mentions).doesNotContain("Exception").doesNotContain("dev.kogata");
        assertThat(folder.resolve("out")).doesNotExist();
    }

    @Test
    void budgetOutOfReachNamesTheReachableRange() throws IOException {
        refused("BUDGET_UNREACHABLE", "%", "--budget", "1%", "--data", data.toString());
    }

    @Test
    void folderWithoutAModel() throws IOException {
        model = Files.createDirectory(folder.resolve("empty"));
        refused("LAYOUT_UNKNOWN", "decoder", "--budget", "60%", "--data", data.toString());
    }

    @Test
    void missingExternalData() throws IOException {
        Files.delete(model.resolve("onnx/decoder_model_merged.onnx_data"));
        refused("EXTERNAL_DATA_MISSING", "decoder_model_merged.onnx_data", "--budget", "60%", "--data", data.toString());
    }

    @Test
    void brokenProtobuf() throws IOException {
        Path file = model.resolve("onnx/decoder_model_merged.onnx");
        Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 5000));
        refused("MODEL_BROKEN", "decoder_model_merged.onnx", "--budget", "60%", "--data", data.toString());
    }

    @Test
    void datasetLineThatIsNoJson() throws IOException {
        String text = Files.readString(data);
        int third = text.indexOf('\n', text.indexOf('\n') + 1) + 1;
        Files.writeString(data, text.substring(0, third) + "{\"messages\": oops}\n" + text.substring(third));
        refused("DATASET_LINE_INVALID", "3", "--budget", "60%", "--data", data.toString());
    }

    @Test
    void pictureThatCannotBeRead() throws IOException {
        Path picture;
        try (Stream<Path> pictures = Files.list(data.resolveSibling("images"))) {
            picture = pictures.findFirst().orElseThrow();
        }
        Files.write(picture, "no picture".getBytes(StandardCharsets.UTF_8));
        refused("IMAGE_UNREADABLE", picture.getFileName().toString(), "--budget", "60%", "--data", data.toString());
    }

    @Test
    void unknownTokenizer() throws IOException {
        Files.writeString(model.resolve("tokenizer.json"), "{}");
        refused("TOKENIZER_UNKNOWN", "tokenizer", "--budget", "60%", "--data", data.toString());
    }

    @Test
    void portThatIsTaken() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Kogata.Run run = Kogata.run(Map.of(), "serve", "--home", folder.resolve("home").toString(), "--http-port", String.valueOf(taken.getLocalPort()), "--json");
            assertThat(run.exit()).as(run.toString()).isNotZero();
            assertThat(run.out() + run.err()).contains("PORT_IN_USE").contains(String.valueOf(taken.getLocalPort()));
        }
    }
}
