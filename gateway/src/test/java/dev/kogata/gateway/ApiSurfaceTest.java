package dev.kogata.gateway;

import java.util.concurrent.CopyOnWriteArrayList;
import java.util.Optional;
import java.util.List;
import java.util.HexFormat;
import java.nio.charset.StandardCharsets;
import java.net.InetSocketAddress;
import java.net.InetAddress;
import dev.kogata.kit.trace.Traces;
import com.sun.net.httpserver.HttpServer;
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
            "GET /v1/jobs/{id}/report.json", "GET /v1/usage", "DELETE /v1/models/{id}", "DELETE /v1/datasets/{id}", "DELETE /v1/jobs/{id}");
        for (String route : described) {
            String[] words = route.split(" ");
            RestClient.Answer answer = rest.send(words[0], words[1].replaceAll("\\{[^}]*}", "none"), new byte[0], "Tus-Resumable", "1.0.0");
            assertThat(answer.status()).as(route + ": " + answer.text()).isLessThan(500).isNotEqualTo(405);
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
    void aRequestIsASpanOfItsCallersTraceOrOfItsJobs() throws Exception {
        List<byte[]> sent = new CopyOnWriteArrayList<>();
        HttpServer collector = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        collector.createContext("/v1/traces", exchange -> {
            try (exchange) {
                sent.add(exchange.getRequestBody().readAllBytes());
                exchange.sendResponseHeaders(200, -1);
            }
        });
        collector.start();
        String caller = "4bf92f3577b34da6a3ce929d0e0e4736";
        URI address = URI.create("http://127.0.0.1:" + collector.getAddress().getPort());
        try (AutoCloseable traces = Traces.open(() -> Optional.of(address), "gateway-under-test")) {
            new RestClient(base).get("/v1/jobs/in-a-trace");
            new RestClient(base).get("/v1/models/in-a-trace", "traceparent", "00-" + caller + "-00f067aa0ba902b7-01");
        } finally {
            collector.stop(0);
        }
        // Protobuf: names are readable in it as they are, ids as bytes.
        String all = sent.stream().map(bytes -> new String(bytes, StandardCharsets.ISO_8859_1)).reduce("", String::concat);
        assertThat(all).contains("GET /v1/jobs/{id}").contains("GET /v1/models/{id}").contains("jobs/in-a-trace");
        assertThat(all).contains(new String(HexFormat.of().parseHex(caller), StandardCharsets.ISO_8859_1));
        String ofJob = Traces.parentOfJob("jobs/in-a-trace").split("-")[1];
        assertThat(all).contains(new String(HexFormat.of().parseHex(ofJob), StandardCharsets.ISO_8859_1));
    }

    @Test
    void theRootPointsToTheDescription() {
        assertThat(new RestClient(base).get("/").json().path("openapi").asText()).isEqualTo("/openapi.json");
    }
}
