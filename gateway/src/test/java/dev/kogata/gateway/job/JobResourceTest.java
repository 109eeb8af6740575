package dev.kogata.gateway.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kogata.common.v1.Reason;
import dev.kogata.gateway.FakeOrchestrator;
import dev.kogata.gateway.GatewayUnderTest;
import dev.kogata.gateway.RestClient;
import dev.kogata.gateway.RestClient.Answer;
import dev.kogata.kit.error.KogataException;
import dev.kogata.orchestrator.v1.CreateJobRequest;
import dev.kogata.orchestrator.v1.JobState;
import dev.kogata.orchestrator.v1.ListJobsRequest;
import io.quarkus.grpc.GrpcService;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Needs the framework: HTTP on one side, gRPC on the other. */
@QuarkusTest
@QuarkusTestResource(GatewayUnderTest.class)
class JobResourceTest {
    private static final String REQUEST = "{\"model\":\"models/m\",\"dataset\":\"datasets/d\",\"budget\":{\"ratio\":0.6},\"trials\":3}";

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

    @AfterEach
    void acceptAgain() {
        orchestrator.refuse(null);
    }

    @Test
    void startsAJobAndPassesTheIdempotencyKeyOn() {
        Answer answer = rest.post("/v1/jobs", REQUEST, "Idempotency-Key", "key-1");
        assertThat(answer.status()).isEqualTo(201);
        assertThat(answer.header("Location")).isEqualTo("/v1/jobs/new");
        assertThat(answer.json().path("state").asText()).isEqualTo("QUEUED");
        CreateJobRequest asked = last(orchestrator.askedJobs());
        assertThat(asked.getIdempotencyKey()).isEqualTo("key-1");
        assertThat(asked.getJob().getBudget().getRatio()).isEqualTo(0.6);
        assertThat(asked.getJob().getTrials()).isEqualTo(3);
    }

    @Test
    void withoutAKeyItMakesOneSoThatARetriedCallStartsOneJob() {
        rest.post("/v1/jobs", REQUEST);
        assertThat(last(orchestrator.askedJobs()).getIdempotencyKey()).isNotEmpty();
    }

    @Test
    void refusesMisspeltAndMissingFieldsByName() {
        assertThat(field(rest.post("/v1/jobs", "{\"model\":\"models/m\",\"bugdet\":{}}"))).isEqualTo("bugdet");
        assertThat(field(rest.post("/v1/jobs", "{\"model\":\"models/m\"}"))).isEqualTo("budget");
        assertThat(field(rest.post("/v1/jobs", "{\"budget\":{\"ratio\":0.5}}"))).isEqualTo("model");
        assertThat(field(rest.post("/v1/jobs", ""))).isEqualTo("body");
    }

    @Test
    void givesRefusalsWithTheSameReasonAndMetadata() {
        orchestrator.refuse(new KogataException(Reason.BUDGET_UNREACHABLE, "Between 10 and 20 bytes can be reached.",
            Map.of("minimum_bytes", "10", "maximum_bytes", "20")));
        Answer answer = rest.post("/v1/jobs", REQUEST);
        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
        assertThat(answer.reason()).isEqualTo("BUDGET_UNREACHABLE");
        assertThat(answer.json().path("status").asInt()).isEqualTo(422);
        assertThat(answer.json().path("detail").asText()).isEqualTo("Between 10 and 20 bytes can be reached.");
        assertThat(answer.json().path("metadata").path("minimum_bytes").asText()).isEqualTo("10");
    }

    @Test
    void neverShowsWhatFailedInside() {
        Answer answer = rest.get("/v1/models?page_size=1", "Accept", "text/csv");
        assertThat(answer.status()).isEqualTo(406);
        assertThat(answer.text()).doesNotContain("Exception").doesNotContain("dev.kogata");
    }

    @Test
    void listsWithPagesAndFilter() {
        Answer answer = rest.get("/v1/jobs?page_size=5&page_token=abc&filter=state%3DSEARCHING");
        assertThat(answer.json().path("next_page_token").asText()).isEqualTo("more");
        assertThat(last(orchestrator.askedLists())).isEqualTo(
            ListJobsRequest.newBuilder().setPageSize(5).setPageToken("abc").setFilter("state=SEARCHING").build());
        assertThat(field(rest.get("/v1/jobs?page_size=1001"))).isEqualTo("page_size");
    }

    @Test
    void looksAtAndCancelsAJob() {
        orchestrator.job("jobs/to-cancel");
        assertThat(rest.get("/v1/jobs/to-cancel").json().path("budget_bytes").asLong()).isEqualTo(5_000_000_000L);
        Answer answer = rest.send("POST", "/v1/jobs/to-cancel:cancel", new byte[0]);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().path("state").asText()).isEqualTo("CANCELLED");
        assertThat(rest.get("/v1/jobs/none").status()).isEqualTo(404);
    }

    @Test
    void estimatesAnotherBudgetGivenAsAShareOrAsBytes() {
        assertThat(rest.get("/v1/jobs/one/what-if?budget=0.45").json().path("estimated_kl").asDouble()).isEqualTo(0.45);
        assertThat(rest.get("/v1/jobs/one/what-if?budget=1").json().path("estimated_kl").asDouble()).isEqualTo(1);
        assertThat(rest.get("/v1/jobs/one/what-if?budget=123456").json().path("budget_bytes").asLong()).isEqualTo(123456);
        for (String wrong : new String[] {"", "much", "-1", "4e5"}) {
            assertThat(field(rest.get("/v1/jobs/one/what-if?budget=" + wrong))).isEqualTo("budget");
        }
    }

    @Test
    void continuesAJobAsANewOneUnderItsKey() {
        Answer answer = rest.send("POST", "/v1/jobs/one:continue", "{\"trials\": 30}".getBytes(StandardCharsets.UTF_8), "Content-Type", "application/json", "Idempotency-Key", "again");
        assertThat(answer.status()).isEqualTo(201);
        assertThat(answer.header("Location")).isEqualTo("/v1/jobs/one-continued");
        assertThat(answer.json().path("request").path("trials").asInt()).isEqualTo(30);
        assertThat(answer.json().path("message").asText()).isEqualTo("again");
    }

    @Test
    void estimatesWithTheSameBodyAndStartsNothing() {
        int before = orchestrator.askedJobs().size();
        Answer answer = rest.post("/v1/jobs:estimate", REQUEST);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().path("trials").asInt()).isEqualTo(3);
        assertThat(answer.json().has("trial_seconds")).as("never measured").isFalse();
        assertThat(field(rest.post("/v1/jobs:estimate", "{\"model\":\"models/m\"}"))).isEqualTo("budget");
        assertThat(orchestrator.askedJobs()).hasSize(before);
    }

    @Test
    void waitsForTheNextChangeAndNoLongerThanAsked() {
        orchestrator.job("jobs/waited-for");
        orchestrator.event("jobs/waited-for", JobState.INSPECTING);
        assertThat(rest.get("/v1/jobs/waited-for?wait=20s&after=0").json().path("state").asText()).as("there is one").isEqualTo("INSPECTING");
        assertThat(rest.get("/v1/jobs/waited-for?wait=0s").json().path("state").asText()).isEqualTo("INSPECTING");
        assertThat(field(rest.get("/v1/jobs/waited-for?wait=long"))).isEqualTo("wait");
        var next = CompletableFuture.supplyAsync(() -> rest.get("/v1/jobs/waited-for?wait=20s"));
        while (!orchestrator.isWatched("jobs/waited-for")) {
            LockSupport.parkNanos(5_000_000);
        }
        orchestrator.event("jobs/waited-for", JobState.PROFILING);
        assertThat(next.join().json().path("state").asText()).isEqualTo("PROFILING");
    }

    private static String field(Answer answer) {
        assertThat(answer.status()).isEqualTo(400);
        return answer.json().path("metadata").path("field").asText();
    }

    private static <T> T last(List<T> all) {
        return all.get(all.size() - 1);
    }
}
