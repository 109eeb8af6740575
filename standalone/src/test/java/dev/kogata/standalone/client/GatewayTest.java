package dev.kogata.standalone.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class GatewayTest {
    @AutoClose
    private final FakeGateway fake = new FakeGateway();
    private final Gateway gateway = new Gateway(fake.address());

    @Test
    void aRefusalKeepsTheGatewaysSentenceReasonAndMetadata() {
        fake.answer("POST /v1/jobs", 400, "application/problem+json",
                "{\"reason\":\"BUDGET_UNREACHABLE\",\"detail\":\"Too small.\",\"metadata\":{\"minimum_bytes\":\"7\"}}");
        assertThatThrownBy(() -> gateway.createJob(new ObjectMapper().createObjectNode(), "key"))
                .hasMessage("Too small.")
                .isInstanceOfSatisfying(GatewayFailure.class, failure -> {
                    assertThat(failure.kind()).isEqualTo(GatewayFailure.Kind.REFUSED);
                    assertThat(failure.reason()).isEqualTo("BUDGET_UNREACHABLE");
                    assertThat(failure.metadata()).containsEntry("minimum_bytes", "7");
                });
    }

    @Test
    void aJobIsStartedWithItsIdempotencyKey() {
        fake.json("POST /v1/jobs", 200, "{\"name\":\"jobs/1\"}");
        gateway.createJob(new ObjectMapper().createObjectNode().put("model", "models/1"), "key");
        assertThat(fake.requests()).singleElement().satisfies(request -> {
            assertThat(request.headers()).containsEntry("idempotency-key", "key");
            assertThat(request.body()).isEqualTo("{\"model\":\"models/1\"}");
        });
    }

    /** The client library's own message repeats the header. */
    @Test
    void aTokenThatCannotBeSentIsNotRepeated() {
        Gateway broken = new Gateway(fake.address(), Gateway.identity(Map.of("KOGATA_TOKEN", "hunter2\nof the mesh")));
        assertThatThrownBy(() -> broken.job("jobs/1")).isInstanceOf(GatewayFailure.class).hasMessageContaining("KOGATA_TOKEN").hasMessageNotContaining("hunter2").hasNoCause();
        assertThat(fake.requests()).isEmpty();
    }

    @Test
    void aBusyGatewayIsAskedAgain() {
        fake.json("GET /v1/jobs/1", 503, "").json("GET /v1/jobs/1", 200, "{\"state\":\"QUEUED\"}");
        assertThat(gateway.job("jobs/1").path("state").asText()).isEqualTo("QUEUED");
    }

    @Test
    void nobodyThereIsUnavailableAndSaysWhatToDo() {
        fake.close();
        assertThatThrownBy(() -> gateway.createModel(List.of("uploads/1"), "name"))
                .hasMessageContaining("./kogata serve")
                .isInstanceOfSatisfying(GatewayFailure.class, failure -> assertThat(failure.kind()).isEqualTo(GatewayFailure.Kind.UNAVAILABLE));
    }

    @Test
    void whoCallsComesFromTheEnvironmentAndIsSaidWithEveryRequest() {
        assertThat(Gateway.identity(Map.of("KOGATA_API_KEY", " kogata_1\n"))).containsExactly(Map.entry("X-API-Key", "kogata_1"));
        assertThat(Gateway.identity(Map.of("KOGATA_TOKEN", "a.b.c", "KOGATA_API_KEY", "kogata_1"))).containsExactly(Map.entry("Authorization", "Bearer a.b.c"));
        assertThat(Gateway.identity(Map.of("KOGATA_TOKEN", ""))).isEmpty();
        fake.json("GET /v1/jobs/1", 200, "{\"state\":\"QUEUED\"}").answer("DELETE /v1/jobs/1", 204, "application/json", "");
        Gateway known = new Gateway(fake.address(), Map.of("X-API-Key", "kogata_1"));
        known.job("jobs/1");
        known.delete("jobs/1");
        assertThat(fake.requests()).hasSize(2).allSatisfy(request -> assertThat(request.headers()).containsEntry("x-api-key", "kogata_1"));
    }

    @Test
    void whatIsNoAddressIsRefused() {
        assertThatThrownBy(() -> new Gateway(URI.create("localhost"))).hasMessageContaining("'localhost' is no address");
    }
}
