package dev.kogata.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What holds after any fault. Every accepted job ends, once, and in bounded time; a success has every file whole; a failure has a reason; nothing is
 * done for ended jobs; no event waits; the artifact store holds nothing but whole artifacts.
 */
final class Invariants {
    private static final Set<String> ENDED = Set.of("SUCCEEDED", "FAILED", "CANCELLED");
    private static final List<String> STATES =
            List.of("QUEUED", "INSPECTING", "PROFILING", "SEARCHING", "COMPRESSING", "VERIFYING", "SUCCEEDED", "FAILED", "CANCELLED");
    /** What a job may fail with where its processes were killed again and again; anything else is a fault of ours. */
    private static final Set<String> EXCUSED = Set.of("WORKER_LOST", "MODEL_CRASHED_RUNTIME");

    private final SeparateServices mesh;

    Invariants(SeparateServices mesh) {
        this.mesh = mesh;
    }

    /** Checks everything for the jobs that were accepted; waits for what may take a while. */
    void hold(List<String> jobs) throws Exception {
        for (String job : jobs) {
            Until.holds(job + " has ended", () -> ENDED.contains(job(job).get("state").asText()));
            ended(job);
        }
        if (mesh.postgres().isPresent()) {
            for (String service : List.of("profiler", "pruner", "quantizer", "evaluator")) {
                Until.holds("no task of " + service + " is open", () -> count("select count(*) from " + service + ".task where state in ('WAITING', 'RUNNING')") == 0);
            }
            for (String service : List.of("profiler", "pruner", "quantizer", "evaluator", "orchestrator")) {
                Until.holds("no event of " + service + " waits", () -> count("select count(*) from " + service + ".outbox") == 0);
            }
        }
        store();
    }

    private void ended(String name) throws Exception {
        JsonNode job = job(name);
        JsonNode events = Rest.list(mesh.server() + "/v1/" + name + "/events?after=0");
        int state = 0;
        long sequence = 0;
        int ends = 0;
        for (JsonNode event : events) {
            assertThat(event.get("sequence").asLong()).as("events of " + name + " are numbered without gaps").isEqualTo(++sequence);
            ends += ENDED.contains(event.get("state").asText()) ? 1 : 0;
            assertThat(STATES.indexOf(event.get("state").asText())).as("states of " + name + " only move on").isGreaterThanOrEqualTo(state);
            state = STATES.indexOf(event.get("state").asText());
        }
        assertThat(ends).as(name + " ends once").isEqualTo(1);
        assertThat(sequence).as("no event of " + name + " is lost").isEqualTo(job.get("last_sequence").asLong());
        if (job.get("state").asText().equals("SUCCEEDED")) {
            for (JsonNode file : Rest.get(mesh.server() + "/v1/" + name + "/result").get("files")) {
                String path = file.get("path").asText();
                HttpResponse<InputStream> bytes = HttpClient.newHttpClient().send(
                        HttpRequest.newBuilder(URI.create(mesh.server() + "/v1/" + name + "/result/" + path)).build(), HttpResponse.BodyHandlers.ofInputStream());
                assertThat(bytes.statusCode()).as(path).isEqualTo(200);
                assertThat(sha256(bytes.body())).as(path + " of " + name).isEqualTo(file.get("sha256").asText());
            }
        } else {
            assertThat(job.at("/error/details/0/reason").asText()).as(name + " " + job).isIn(EXCUSED);
        }
    }

    private JsonNode job(String name) throws Exception {
        return Rest.get(mesh.server() + "/v1/" + name);
    }

    private long count(String query) throws Exception {
        return Long.parseLong(mesh.postgres().orElseThrow().ask(query));
    }

    /** Every file under a final name has the bytes of that name. */
    private void store() throws IOException {
        try (Stream<Path> files = Files.walk(mesh.artifacts().resolve("sha256"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(sha256(Files.newInputStream(file))).as("artifact " + file.getFileName()).isEqualTo(file.getFileName().toString());
            }
        }
    }

    private static String sha256(InputStream bytes) {
        try (DigestInputStream in = new DigestInputStream(bytes, MessageDigest.getInstance("SHA-256"))) {
            in.transferTo(OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(in.getMessageDigest().digest());
        } catch (IOException | java.security.NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
