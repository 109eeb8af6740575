package dev.kogata.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Whole jobs that go other ways through the mesh than the usual one does: a vision encoder alone, one that is pruned with its decoder, and caches in the native format. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LayoutJobsTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir static Path folder;
    private EmbeddedMesh mesh;
    private Path calibration;

    @BeforeAll
    void start() throws IOException {
        calibration = SmallData.first(40, "calibration", folder.resolve("calibration"));
        mesh = EmbeddedMesh.start(folder.resolve("home"));
    }

    @AfterAll
    void stop() throws InterruptedException {
        if (mesh != null) {
            mesh.close();
        }
    }

    private Kogata.Run compress(Path model, Path out, String... more) {
        List<String> words = new ArrayList<>(List.of("compress", model.toString(), "--out", out.toString(), "--data", calibration.toString(), "--context", "256"));
        words.addAll(List.of(more));
        return Kogata.run(Map.of("KOGATA_SERVER", mesh.server()), words.toArray(String[]::new));
    }

    private static JsonNode read(Path out, String file) throws IOException {
        return JSON.readTree(out.resolve(file).toFile());
    }

    private static void holds(Path out) throws IOException {
        assertThat(Kogata.run(Map.of(), "verify", out.toString()).exit()).as("verify").isZero();
        Path expanded = out.resolveSibling(out.getFileName() + "-expanded");
        assertThat(Kogata.run(Map.of(), "expand", out.resolve("sparse").toString(), expanded.toString()).exit()).as("expand").isZero();
        try (Stream<Path> files = Files.walk(out.resolve("bundle"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(Files.mismatch(file, expanded.resolve(out.resolve("bundle").relativize(file)))).as(file.toString()).isEqualTo(-1);
            }
        }
    }

    @Test
    void aVisionEncoderAloneGoesThroughTheWholeJob() throws IOException {
        Path encoder = folder.resolve("encoder");
        for (String file : List.of("onnx/vision_encoder.onnx", "onnx/vision_encoder.onnx_data", "preprocessor_config.json")) {
            Files.createDirectories(encoder.resolve(file).getParent());
            Files.copy(CompressTest.MODEL.resolve(file), encoder.resolve(file));
        }
        Path out = folder.resolve("encoder-out");
        Kogata.Run run = compress(encoder, out, "--budget", "80%", "--trials", "8");
        assertThat(run.exit()).as(run.toString()).isZero();
        assertThat(run.out()).contains("features, relative error").doesNotContain("KL").doesNotContain("exact answers");
        JsonNode plan = read(out, "plan.json");
        assertThat(plan.get("budget_bytes").asLong() - plan.get("bytes").asLong()).as("to less than a row").isBetween(0L, 64L * 4 - 1);
        assertThat(plan.get("layers")).as("there is no cache").isEmpty();
        assertThat(plan.get("weights")).isNotEmpty().allSatisfy(weight -> assertThat(weight.get("file").asText()).isEqualTo("onnx/vision_encoder.onnx"));
        JsonNode report = read(out, "report.json");
        assertThat(JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(JSON.readTree(Kogata.ROOT.resolve("docs/report.schema.json").toFile())).validate(report)).isEmpty();
        JsonNode heldout = report.get("heldout");
        assertThat(heldout.at("/dense/feature_error").asDouble()).isZero();
        assertThat(heldout.at("/delivered/feature_error").asDouble()).isBetween(1e-6, 1.0);
        assertThat(heldout.at("/uniform/feature_error").asDouble()).isPositive();
        assertThat(heldout.at("/delivered").has("kl")).as("a feature error is no divergence").isFalse();
        assertThat(report.at("/latency/delivered/picture_seconds").asDouble()).isPositive();
        assertThat(report.get("remarks").toString()).contains("there is nothing to say about caches");
        assertThat(report.at("/serving/0/command").asText()).as("nothing was run, so nothing is shown").isEmpty();
        assertThat(report.at("/serving/0/checked").asText()).contains("No command is shown, because a vision encoder alone");
        holds(out);
    }

    @Test
    void encoderAndProjectorArePrunedWithTheDecoderWhenAsked() throws IOException {
        Path out = folder.resolve("included-out");
        Kogata.Run run = compress(CompressTest.MODEL, out, "--include", "projector,vision_encoder", "--budget", "55%", "--trials", "6");
        assertThat(run.exit()).as(run.toString()).isZero();
        JsonNode plan = read(out, "plan.json");
        assertThat(plan.get("budget_bytes").asLong() - plan.get("bytes").asLong()).as("to less than a row").isBetween(0L, 160L * 4 - 1);
        assertThat(plan.get("weights")).filteredOn(weight -> weight.get("file").asText().equals("onnx/vision_encoder.onnx")).as("six of a block, two of the projector behind it").hasSize(8)
                .anySatisfy(weight -> assertThat(weight.get("zeros").asLong()).isPositive());
        assertThat(plan.get("weights")).hasSize(22);
        assertThat(Files.mismatch(out.resolve("bundle/onnx/vision_encoder.onnx_data"), CompressTest.MODEL.resolve("onnx/vision_encoder.onnx_data"))).as("the encoder is another").isNotEqualTo(-1);
        JsonNode report = read(out, "report.json");
        assertThat(report.at("/heldout/delivered/kl").asDouble()).isPositive();
        assertThat(report.at("/reproduction/command").asText()).contains("--include vision_encoder,projector");
        holds(out);
    }

    @Test
    void nativeCachesOfAGenaiBundleGoThroughTheWholeJob() throws IOException {
        Path out = folder.resolve("native-out");
        Kogata.Run run = compress(CompressTest.MODEL.resolveSibling("nano-genai"), out, "--format", "native", "--budget", "55%", "--trials", "6");
        assertThat(run.exit()).as(run.toString()).isZero();
        JsonNode plan = read(out, "plan.json");
        assertThat(plan.get("format").asText()).isEqualTo("native");
        assertThat(plan.get("layers")).hasSize(2).anySatisfy(layer -> {
            assertThat(layer.get("cache_format").asText()).isEqualTo("native");
            assertThat(layer.get("key_bits").asInt()).isIn(4, 8).isEqualTo(layer.get("value_bits").asInt());
        });
        assertThat(plan.get("layers")).noneSatisfy(layer -> assertThat(layer.get("cache_format").asText()).isEqualTo("portable"));
        assertThat(read(out, "report.json").at("/serving/0/command").asText()).contains("\"embedding.onnx\", \"model.onnx\"");
        JsonNode memory = read(out, "report.json").get("memory");
        assertThat(memory.at("/delivered/cache_bytes").asLong()).as("measured in stock ONNX Runtime").isPositive().isLessThan(memory.at("/dense/cache_bytes").asLong());
        assertThat(out.resolve("bundle/genai_config.json")).isRegularFile();
        holds(out);
    }
}
