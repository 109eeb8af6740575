package dev.kogata.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What holds after any fault, in one place. Every accepted job ends, once, and in bounded time; a success has every file whole, holds what its plan claims,
 * and is the plan that an undisturbed job of the same seed finds; a failure has a reason that the faults account for; every event has reached the
 * broker; nothing is done for ended jobs; the store has nothing under a final name but whole artifacts; no process keeps files or threads, or
 * tells more than it is asked to.
 */
final class Invariants {
    private static final List<String> STATES =
            List.of("QUEUED", "INSPECTING", "PROFILING", "SEARCHING", "COMPRESSING", "VERIFYING", "SUCCEEDED", "FAILED", "CANCELLED");
    private static final Pattern FINE = Pattern.compile("^\\S+ (DEBUG|TRACE) |^(FINE|FINER|FINEST|CONFIG): ");
    private static final int MOST_FILES = 1000;
    private static final int MOST_THREADS = 250;

    private final SeparateServices mesh;
    private final Path folder;
    private final HttpClient http = HttpClient.newHttpClient();
    private JsonNode undisturbed;

    /** @param folder where results are fetched to */
    Invariants(SeparateServices mesh, Path folder) {
        this.mesh = mesh;
        this.folder = folder;
    }

    /**
     * Checks everything about a job that has ended; waits for what may take a while.
     *
     * @param mayFailWith reasons that faults gave it not to succeed
     * @param heard whether the broker has kept all that it was told
     */
    void hold(String name, Set<String> mayFailWith, boolean heard) throws Exception {
        JsonNode job = Rest.get(mesh.server() + "/v1/" + name);
        events(name, job);
        if (job.get("state").asText().equals("SUCCEEDED")) {
            result(name);
        } else {
            assertThat(job.at("/error/details/0/reason").asText()).as(name + " " + job.get("state") + ": " + job.get("error")).isIn(mayFailWith);
        }
        nothingIsLeftToDo();
        if (heard) {
            Set<String> all = Set.copyOf(IntStream.rangeClosed(1, job.get("last_sequence").asInt()).mapToObj(number -> name + "/" + number).toList());
            Until.holds("every event of " + name + " is in kogata.jobs", () -> PublicEvents.ids(mesh.kafka(), "kogata.jobs").containsAll(all));
        }
        assertThat(PublicEvents.ids(mesh.kafka(), "kogata.dead")).as("dead letters").isEmpty();
        store();
        processes();
    }

    private void events(String name, JsonNode job) throws Exception {
        int state = 0;
        long sequence = 0;
        int ends = 0;
        for (JsonNode event : Rest.list(mesh.server() + "/v1/" + name + "/events?after=0")) {
            assertThat(event.get("sequence").asLong()).as("events of " + name + " are numbered without gaps").isEqualTo(++sequence);
            ends += PatientClient.ENDED.contains(event.get("state").asText()) ? 1 : 0;
            assertThat(STATES.indexOf(event.get("state").asText())).as("states of " + name + " only move on").isGreaterThanOrEqualTo(state);
            state = STATES.indexOf(event.get("state").asText());
        }
        assertThat(ends).as(name + " ends once").isEqualTo(1);
        assertThat(sequence).as("no event of " + name + " is lost").isEqualTo(job.get("last_sequence").asLong());
    }

    private void result(String name) throws Exception {
        Path result = folder.resolve(name);
        for (JsonNode file : Rest.get(mesh.server() + "/v1/" + name + "/result").get("files")) {
            String path = file.get("path").asText();
            Path target = result.resolve(path);
            Files.createDirectories(target.getParent());
            HttpResponse<Path> fetched = http.send(HttpRequest.newBuilder(URI.create(mesh.server() + "/v1/" + name + "/result/" + path)).build(), HttpResponse.BodyHandlers.ofFile(target));
            assertThat(fetched.statusCode()).as(path).isEqualTo(200);
            assertThat(sha256(target)).as(path + " of " + name).isEqualTo(file.get("sha256").asText());
        }
        Kogata.Run verified = Kogata.run(Map.of(), "verify", result.toString());
        assertThat(verified.exit()).as(verified.toString()).isZero();
        JsonNode plan = new ObjectMapper().readTree(result.resolve("plan.json").toFile());
        if (undisturbed == null) {
            undisturbed = plan;
        }
        for (String field : List.of("bytes", "budget_bytes", "weights", "layers")) {
            assertThat(plan.get(field)).as(field + " of the plan of " + name + ", against those of an undisturbed job").isEqualTo(undisturbed.get(field));
        }
    }

    /** No task is open, no event waits, and what worked for ended jobs was told so; only where one can look into the tables. */
    void nothingIsLeftToDo() throws Exception {
        if (mesh.postgres().isEmpty()) {
            return;
        }
        for (String service : SeparateServices.WORKER_SERVICES) {
            none("open task of " + service, service + ".task where state in ('WAITING', 'RUNNING')");
            none("waiting event of " + service, service + ".outbox");
        }
        none("waiting event of the orchestrator", "orchestrator.outbox");
        none("forsaken task", "orchestrator.job_task t join orchestrator.job j on j.id = t.job where t.result is null and not t.closed and j.state in ('FAILED', 'CANCELLED')");
    }

    private void none(String what, String rows) throws Exception {
        Until.holds("there is no " + what, () -> mesh.postgres().orElseThrow().ask("select count(*) from " + rows).equals("0"));
    }

    private void store() throws IOException {
        try (Stream<Path> files = Files.walk(mesh.artifacts().resolve("sha256"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(sha256(file)).as("artifact " + file.getFileName()).isEqualTo(file.getFileName().toString());
            }
        }
    }

    private void processes() throws IOException {
        for (String name : mesh.names()) {
            Path process = Path.of("/proc", Long.toString(mesh.process(name).pid()));
            assertThat(mesh.process(name).isAlive()).as(name + " runs").isTrue();
            assertThat(entries(process.resolve("fd"))).as("files that " + name + " has open").isLessThan(MOST_FILES);
            assertThat(entries(process.resolve("task"))).as("threads of " + name).isLessThan(MOST_THREADS);
            try (Stream<String> lines = Files.lines(mesh.log(name), StandardCharsets.ISO_8859_1)) {
                assertThat(lines.filter(line -> FINE.matcher(line).find())).as("lines below INFO in the log of " + name).isEmpty();
            }
        }
    }

    private static long entries(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.count();
        }
    }

    private static String sha256(Path file) throws IOException {
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), MessageDigest.getInstance("SHA-256"))) {
            in.transferTo(java.io.OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(((DigestInputStream) in).getMessageDigest().digest());
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
