package dev.kogata.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Needs the framework: what it answers by itself is what is looked at. */
@QuarkusTest
@QuarkusTestResource(GatewayUnderTest.class)
class ApiSurfaceTest {
    @TestHTTPResource("/")
    URI base;

    @Test
    void unknownPathsAreProblems() {
        RestClient.Answer answer = new RestClient(base).get("/v2/anything");
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
        assertThat(answer.reason()).isEqualTo("NOT_FOUND");
    }

    @Test
    void unknownMethodsAreProblems() {
        RestClient.Answer answer = new RestClient(base).send("DELETE", "/v1/jobs", new byte[0]);
        assertThat(answer.status()).isEqualTo(405);
        assertThat(answer.json().path("metadata").path("field").asText()).isEqualTo("method");
    }

    @Test
    void otherMediaTypesAreProblems() {
        RestClient.Answer answer = new RestClient(base).send("POST", "/v1/jobs", new byte[1], "Content-Type", "text/csv");
        assertThat(answer.status()).isEqualTo(415);
        assertThat(answer.reason()).isEqualTo("ARGUMENT_INVALID");
    }

    @Test
    void healthAnswersAtTheFixedPaths() {
        for (String kind : new String[] {"live", "ready", "started"}) {
            assertThat(new RestClient(base).get("/health/" + kind).json().path("status").asText()).isEqualTo("UP");
        }
    }

    @Test
    void describesItselfWithTheMessagesOfTheProtos() {
        JsonNode api = new RestClient(base).get("/openapi.json").json();
        assertThat(api.path("paths").has("/v1/jobs/{id}:cancel")).isTrue();
        JsonNode request = api.path("components").path("schemas").path("JobRequest").path("properties");
        assertThat(request.has("budget")).isTrue();
        assertThat(request.path("trials").path("type").asText()).isEqualTo("integer");
    }

    /** A route that is described and not there, or there and not described, is found here. */
    @Test
    void describesExactlyTheRoutesThatAnswer() {
        RestClient rest = new RestClient(base);
        Set<String> described = new TreeSet<>();
        rest.get("/openapi.json").json().path("paths").properties().forEach(path -> path.getValue().properties().forEach(method ->
            described.add(method.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey())));
        assertThat(described).contains("POST /v1/uploads", "HEAD /v1/uploads/{id}", "PATCH /v1/uploads/{id}", "DELETE /v1/uploads/{id}", "OPTIONS /v1/uploads",
            "POST /v1/models", "GET /v1/models", "GET /v1/models/{id}", "POST /v1/datasets", "GET /v1/datasets", "GET /v1/datasets/{id}",
            "POST /v1/jobs", "GET /v1/jobs", "GET /v1/jobs/{id}", "POST /v1/jobs/{id}:cancel", "POST /v1/jobs:estimate", "GET /v1/jobs/{id}/events",
            "GET /v1/jobs/{id}/result", "GET /v1/jobs/{id}/result/{path}", "GET /v1/jobs/{id}/result.tar", "GET /v1/jobs/{id}/report.html",
            "GET /v1/jobs/{id}/report.json", "GET /v1/usage");
        for (String route : described) {
            String[] words = route.split(" ");
            RestClient.Answer answer = rest.send(words[0], words[1].replaceAll("\\{[^}]*}", "none"), new byte[0], "Tus-Resumable", "1.0.0");
            // The fake behind the gateway does not answer everything; that a route is there shows all the same.
            assertThat(answer.status()).as(route).isNotEqualTo(405);
            assertThat(answer.text()).as(route).doesNotContain("There is nothing at");
        }
    }

    @Test
    void answersProbesOfTheOpenInferenceProtocol() {
        RestClient rest = new RestClient(base);
        assertThat(rest.get("/v2/health/live").json().path("live").asBoolean()).isTrue();
        assertThat(rest.get("/v2/health/ready").json().path("ready").asBoolean()).isTrue();
        assertThat(rest.get("/v2").json().path("name").asText()).isEqualTo("kogata");
    }

    @Test
    void countsErrorsByReasonAndUploadedBytesForPrometheus() {
        RestClient rest = new RestClient(base);
        rest.get("/v1/jobs/no-such-job");
        rest.upload("counted", new byte[1234]);
        String metrics = rest.get("/metrics").text();
        assertThat(metrics).contains("kogata_errors_total{reason=\"NOT_FOUND\",transport=\"rest\"}").contains("kogata_upload_bytes_total")
            .contains("http_server_requests_seconds_count").contains("jvm_memory_used_bytes").doesNotContain("no-such-job");
    }

    @Test
    void theRootPointsToTheDescription() {
        assertThat(new RestClient(base).get("/").json().path("openapi").asText()).isEqualTo("/openapi.json");
    }
}
