package dev.kogata.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
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

    @Test
    void theRootPointsToTheDescription() {
        assertThat(new RestClient(base).get("/").json().path("openapi").asText()).isEqualTo("/openapi.json");
    }
}
