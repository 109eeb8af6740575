package dev.kogata.gateway.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kogata.gateway.FakeOrchestrator;
import dev.kogata.gateway.GatewayUnderTest;
import dev.kogata.gateway.RestClient;
import dev.kogata.orchestrator.v1.JobState;
import io.quarkus.grpc.GrpcService;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Needs the framework: a stream that stays open, and clients that go and come back. */
@QuarkusTest
@QuarkusTestResource(GatewayUnderTest.class)
class EventResourceTest {
    @TestHTTPResource("/")
    URI base;
    @Inject
    @GrpcService
    FakeOrchestrator orchestrator;
    private RestClient rest;

    @BeforeEach
    void connect() {
        rest = new RestClient(base);
    }

    @Test
    void streamsEventsAsTheyHappenAndEndsAfterTheLast() throws Exception {
        orchestrator.job("jobs/stream");
        orchestrator.event("jobs/stream", JobState.INSPECTING);
        try (BufferedReader stream = watch("stream", null)) {
            assertThat(next(stream, "id:")).isEqualTo("1");
            orchestrator.event("jobs/stream", JobState.SEARCHING);
            assertThat(next(stream, "id:")).isEqualTo("2");
            assertThat(next(stream, "data:")).contains("\"state\":\"SEARCHING\"", "\"sequence\":2");
            orchestrator.event("jobs/stream", JobState.SUCCEEDED);
            assertThat(next(stream, "id:")).isEqualTo("3");
            assertThat(next(stream, "id:")).isNull();
        }
    }

    @Test
    void goesOnAfterTheLastEventThatAClientHas() throws Exception {
        orchestrator.job("jobs/resume");
        for (int i = 0; i < 5; i++) {
            orchestrator.event("jobs/resume", JobState.SEARCHING);
        }
        try (BufferedReader stream = watch("resume", "3")) {
            assertThat(next(stream, "id:")).isEqualTo("4");
            assertThat(next(stream, "id:")).isEqualTo("5");
        }
    }

    @Test
    void tellsAClientThatHasEverythingToStayAway() {
        orchestrator.job("jobs/over");
        orchestrator.event("jobs/over", JobState.FAILED);
        assertThat(rest.get("/v1/jobs/over/events", "Accept", "text/event-stream", "Last-Event-ID", "1").status()).isEqualTo(204);
    }

    @Test
    void showsLifeInSilenceAndLetsGoOfTheOrchestratorWhenTheClientLeaves() throws Exception {
        orchestrator.job("jobs/quiet");
        try (BufferedReader stream = watch("quiet", null)) {
            assertThat(next(stream, ":")).isNotNull();
            assertThat(next(stream, ":")).isNotNull();
            assertThat(orchestrator.isWatched("jobs/quiet")).isTrue();
        }
        while (orchestrator.isWatched("jobs/quiet")) {
            Thread.onSpinWait();
        }
    }

    @Test
    void unknownJobsAndNumbersAreProblemsBeforeTheStreamBegins() {
        assertThat(rest.get("/v1/jobs/none/events").status()).isEqualTo(404);
        orchestrator.job("jobs/numbers");
        assertThat(rest.get("/v1/jobs/numbers/events", "Last-Event-ID", "x").reason()).isEqualTo("ARGUMENT_INVALID");
        assertThat(rest.get("/v1/jobs/numbers/events?wait=soon").reason()).isEqualTo("ARGUMENT_INVALID");
    }

    @Test
    void aPollAnswersAtOnceWithWhatIsThere() {
        orchestrator.job("jobs/poll");
        orchestrator.event("jobs/poll", JobState.INSPECTING);
        orchestrator.event("jobs/poll", JobState.PROFILING);
        JsonNode all = rest.get("/v1/jobs/poll/events?wait=20s").json();
        assertThat(all).hasSize(2);
        assertThat(all.get(1).path("state").asText()).isEqualTo("PROFILING");
        assertThat(rest.get("/v1/jobs/poll/events?after=1&wait=20s").json()).hasSize(1);
        assertThat(rest.get("/v1/jobs/poll/events?after=2&wait=1s").json()).isEmpty();
        assertThat(rest.get("/v1/jobs/poll/events?after=2", "Accept", "application/json").json()).isEmpty();
    }

    @Test
    void aPollWaitsForTheNextEvent() throws Exception {
        orchestrator.job("jobs/wait");
        CompletableFuture<JsonNode> answer = CompletableFuture.supplyAsync(() -> rest.get("/v1/jobs/wait/events?wait=20s").json());
        while (!orchestrator.isWatched("jobs/wait")) {
            Thread.onSpinWait();
        }
        orchestrator.event("jobs/wait", JobState.INSPECTING);
        assertThat(answer.get(10, TimeUnit.SECONDS)).hasSize(1);
    }

    private BufferedReader watch(String id, String last) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(rest.uri("/v1/jobs/" + id + "/events"));
        if (last != null) {
            request.header("Last-Event-ID", last);
        }
        HttpResponse<InputStream> response = rest.http().send(request.build(), BodyHandlers.ofInputStream());
        assertThat(response.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/event-stream");
        return new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
    }

    /** Rest of the next line that begins so; null at the end of the stream. */
    private static String next(BufferedReader stream, String begin) throws IOException {
        for (String line = stream.readLine(); line != null; line = stream.readLine()) {
            if (line.startsWith(begin)) {
                return line.substring(begin.length()).trim();
            }
        }
        return null;
    }
}
