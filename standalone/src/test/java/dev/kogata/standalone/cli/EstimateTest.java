package dev.kogata.standalone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kogata.standalone.client.FakeGateway;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EstimateTest {
    private static final Path MODEL = Path.of(System.getProperty("kogata.root"), "demo/shapes-llava");

    @TempDir
    Path home;

    @Test
    void countsBytesAndMemoryHereWhereNoKogataRuns() {
        Ran ran = Ran.kogata("compress", MODEL.toString(), "--budget", "50%", "--estimate", "--json", "--home", home.toString());
        assertThat(ran.exit()).as(ran.err()).isZero();
        JsonNode estimate = ran.document();
        assertThat(estimate.path("budget_bytes").asLong()).isBetween(estimate.path("minimum_bytes").asLong(), estimate.path("maximum_bytes").asLong());
        assertThat(estimate.path("memory_bytes").asLong()).isPositive();
        assertThat(estimate.has("trial_seconds")).isFalse();
        assertThat(estimate.path("notes").get(0).asText()).contains("unknown");
    }

    @Test
    void asksTheGatewayThatKnowsTheModelAndSendsNothing() throws Exception {
        String sha256 = LocalFiles.sha256(MODEL, LocalModel.open(MODEL).bundle().files());
        try (FakeGateway gateway = new FakeGateway()) {
            gateway.json("GET /v1/models?page_size=1&filter=sha256%3D" + sha256, 200, "{\"models\":[{\"name\":\"models/known\"}]}")
                    .json("POST /v1/jobs:estimate", 200, "{\"trials\":9,\"trial_seconds\":0.5,\"search_seconds\":4.5,\"measured_trials\":3,\"total_seconds\":20}");
            Ran ran = Ran.kogata("compress", MODEL.toString(), "--budget", "50%", "--trials", "9", "--estimate", "--server", gateway.address().toString());
            assertThat(ran.exit()).as(ran.err()).isZero();
            assertThat(ran.out()).contains("0.500 s").contains("in all     20 s");
            assertThat(gateway.requests()).hasSize(2);
            assertThat(gateway.requests().get(1).body()).contains("\"model\":\"models/known\"").contains("\"trials\":9").doesNotContain("dataset");
        }
    }

    @Test
    void refusesABudgetThatNoPlanReaches() {
        Ran ran = Ran.kogata("compress", MODEL.toString(), "--budget", "1%", "--estimate", "--json", "--home", home.toString());
        assertThat(ran.exit()).isEqualTo(3);
        assertThat(ran.document().path("error").path("reason").asText()).isEqualTo("BUDGET_UNREACHABLE");
        assertThat(List.of("minimum_bytes", "maximum_bytes")).allMatch(ran.document().path("error").path("metadata")::has);
    }
}
