package dev.kogata.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Searches whose results other workers must hold true: the paper's one-sided budget, and a point of a front that no search led to. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SearchTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir static Path folder;
    private EmbeddedMesh mesh;
    private Path calibration;

    @BeforeAll
    void start() throws IOException {
        calibration = SmallData.first(40, "calibration", folder.resolve("calibration"));
        mesh = EmbeddedMesh.start(folder.resolve("home"), Map.of("KOGATA_JOBS_OWN_CONVERSATIONS", "12"));
    }

    @AfterAll
    void stop() throws InterruptedException {
        if (mesh != null) {
            mesh.close();
        }
    }

    private Kogata.Run kogata(String... words) {
        return Kogata.run(Map.of("KOGATA_SERVER", mesh.server()), words);
    }

    @Test
    void thePapersSearchDeliversWhatVerifies() throws IOException {
        Path out = folder.resolve("paper");
        Kogata.Run run = kogata("compress", CompressTest.MODEL.toString(), "--budget", "60%", "--search", "paper", "--trials", "8", "--context", "256",
                "--data", calibration.toString(), "--out", out.toString());
        assertThat(run.exit()).as(run.toString()).isZero();
        assertThat(JSON.readTree(out.resolve("plan.json").toFile()).path("search").asText()).isEqualTo("paper");
        assertThat(kogata("verify", out.toString()).exit()).isZero();
    }

    @Test
    void withoutDataTheModelsOwnSamplesAreCalibratedOn() throws IOException {
        Path out = folder.resolve("own");
        Kogata.Run run = kogata("compress", CompressTest.MODEL.toString(), "--budget", "60%", "--trials", "3", "--context", "256", "--out", out.toString());
        assertThat(run.exit()).as(run.toString()).isZero();
        assertThat(run.err()).contains("no --data");
        JsonNode report = JSON.readTree(out.resolve("report.json").toFile());
        assertThat(report.path("remarks").toString()).contains("the model's own samples");
        JsonNode data = report.path("data");
        assertThat(data.path("search").path("conversations").asInt() + data.path("selection").path("conversations").asInt() + data.path("heldout").path("conversations").asInt()).isEqualTo(12);
        assertThat(kogata("verify", out.toString()).exit()).isZero();
    }

    @Test
    void aPointOfAFrontIsDeliveredAtItsOwnBytes() throws IOException {
        Path front = folder.resolve("front");
        Kogata.Run search = kogata("compress", CompressTest.MODEL.toString(), "--pareto", "--trials", "10", "--context", "256",
                "--data", calibration.toString(), "--out", front.toString(), "--json");
        assertThat(search.exit()).as(search.toString()).isZero();
        JsonNode document = JSON.readTree(front.resolve("front.json").toFile());
        JsonNode point = document.path("points").get(1);

        Path out = folder.resolve("point");
        Kogata.Run deliver = kogata("jobs", "deliver", document.path("job").asText(), "--point", "1", "--final", "as-searched", "--out", out.toString());
        assertThat(deliver.exit()).as(deliver.toString()).isZero();
        JsonNode plan = JSON.readTree(out.resolve("plan.json").toFile());
        assertThat(plan.path("bytes")).isEqualTo(point.path("bytes"));
        assertThat(kogata("verify", out.toString()).exit()).isZero();
        assertThat(kogata("jobs", "what-if", document.path("job").asText(), "--budget", "50%").out()).contains("Estimate, not measured");
    }
}
