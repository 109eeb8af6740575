package dev.kogata.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backup and restore as docs/operations.md has them, in the middle of a job: what had ended is whole, what was at work goes on from there. */
class BackupTest {
    private static final int TRIALS = 60;
    private static final String REQUESTS = "kogata-requests";

    @TempDir Path folder;
    private String server;
    private PatientClient client;
    private String model;
    private String dataset;
    private byte[] calibration;

    @BeforeEach
    void data() throws IOException {
        calibration = Rest.zip(SmallData.first(24, "calibration", folder.resolve("data")).getParent());
    }

    @Test
    void aStoppedMeshsHomeIsCopiedAndAnotherOneGoesOnWithIt() throws Exception {
        Path home = folder.resolve("home");
        String ended;
        String running;
        try (EmbeddedMesh mesh = EmbeddedMesh.start(home)) {
            meet(mesh.server());
            ended = job("ended", 2);
            client.ended(ended);
            running = job("running", TRIALS);
            searching(running);
        }
        Path backup = folder.resolve("backup");
        copy(home.resolve("database"), backup.resolve("database"));
        copy(home.resolve("artifacts"), backup.resolve("artifacts"));
        remove(home);

        Path restored = folder.resolve("restored");
        copy(backup, restored);
        try (EmbeddedMesh mesh = EmbeddedMesh.start(restored)) {
            meet(mesh.server());
            holds(ended, 2);
            assertThat(client.ended(running).get("state").asText()).isEqualTo("SUCCEEDED");
            holds(running, TRIALS);
            assertThat(job("new", 2)).isNotIn(ended, running);
        }
    }

    @Test
    void aRunningMeshsDatabaseIsDumpedThenItsStoreCopiedAndAnotherOneGoesOnWithThem() throws Exception {
        Optional<OwnPostgres> own = OwnPostgres.start();
        assumeTrue(own.isPresent(), "no PostgreSQL here: Debian's package postgresql is not installed");
        Path dump = Path.of("/tmp", "kogata-backup-" + ProcessHandle.current().pid() + ".dump");
        try (OwnPostgres postgres = own.get(); SeparateServices mesh = SeparateServices.start(folder.resolve("mesh"), own, false,
                Map.of("kogata.task.lease", "PT4S", "kogata.jobs.lease", "PT4S", "kogata.task.attempts", "9", "kogata.jobs.finalists", "1", "kogata.jobs.written", "1", "kogata.jobs.keep-deleted", "PT1H"))) {
            meet(mesh.server());
            String ended = job("ended", 2);
            client.ended(ended);
            String running = job("running", TRIALS);
            event(mesh, "before");
            searching(running);
            // It holds a trial, and gives no answer: what is dumped is a job in the middle of its search.
            mesh.signal("evaluator-worker", "STOP");
            postgres.dump(dump);
            // Between the two copies somebody deletes what the first one names, and somebody asks for jobs that it does not know.
            assertThat(Rest.delete(mesh.server() + "/v1/" + ended)).isBetween(200, 299);
            String lost = job("lost", 2);
            event(mesh, "after");
            Path backup = folder.resolve("backup");
            copy(mesh.artifacts(), backup);

            for (String name : mesh.names()) {
                if (!name.equals(SeparateServices.BROKER)) {
                    mesh.kill(name);
                }
            }
            remove(mesh.artifacts());
            postgres.restore(dump);
            copy(backup, mesh.artifacts());
            Until.holds("nobody takes events", () -> PublicEvents.rewind(mesh.kafka(), REQUESTS, "kogata.requests"));
            mesh.startAgain();

            holds(ended, 2);
            assertThat(client.ended(running).get("state").asText()).isEqualTo("SUCCEEDED");
            holds(running, TRIALS);
            Set<String> told = Set.copyOf(IntStream.rangeClosed(1, Rest.get(server + "/v1/" + running).get("last_sequence").asInt()).mapToObj(number -> running + "/" + number).toList());
            Until.holds("every event of " + running + " is in kogata.jobs", () -> PublicEvents.ids(mesh.kafka(), "kogata.jobs").containsAll(told));
            assertThat(Rest.status(server + "/v1/" + lost)).as("what was asked for after the dump").isEqualTo(404);
            assertThat(job("lost", 2)).as("asked for again under its key").isNotIn(lost, ended, running);
            Until.holds("the event that came after the dump is a job again, and the one before it still one", () -> List.of("after", "before").equals(causes()));
        } finally {
            Files.deleteIfExists(dump);
        }
    }

    /** Talks to this mesh from now on, and has a model and a dataset there. */
    private void meet(String gateway) throws Exception {
        server = gateway;
        client = new PatientClient(gateway);
        if (model == null) {
            model = client.create("models", "{\"uploads\": [\"" + client.upload("model.zip", Rest.zip(CompressTest.MODEL)) + "\"]}", "model");
            dataset = client.create("datasets", "{\"uploads\": [\"" + client.upload("data.zip", calibration) + "\"]}", "dataset");
        }
    }

    private String request(int trials) {
        return ("{\"model\": \"%s\", \"dataset\": \"%s\", \"budget\": {\"ratio\": 0.7}, \"method\": \"wanda\", \"search\": \"random\", \"final\": \"as-searched\", \"trials\": %d, "
                + "\"workload\": {\"context\": 64}}").formatted(model, dataset, trials);
    }

    private String job(String key, int trials) throws Exception {
        return client.create("jobs", request(trials), key);
    }

    private void event(SeparateServices mesh, String id) throws Exception {
        PublicEvents.send(mesh.kafka(), "kogata.requests", id, "dev.kogata.job.requested.v1", "{\"job\": " + request(2) + "}");
        Until.holds("it is taken", () -> causes().contains(id));
    }

    /** Ids of the events that jobs were asked for by, in order. */
    private List<String> causes() throws Exception {
        List<String> causes = new ArrayList<>();
        for (JsonNode job : Rest.get(server + "/v1/jobs?page_size=1000").get("jobs")) {
            if (job.get("request").has("cause")) {
                causes.add(job.at("/request/cause/id").asText());
            }
        }
        return causes.stream().sorted().toList();
    }

    private void searching(String job) throws Exception {
        Until.holds("the search is under way", () -> Rest.get(server + "/v1/" + job).path("finished_trials").asInt() >= 2);
    }

    /** A job succeeded, was told of without a gap, and its files are what they claim. */
    private void holds(String job, int trials) throws Exception {
        JsonNode now = Rest.get(server + "/v1/" + job);
        assertThat(now.get("state").asText()).isEqualTo("SUCCEEDED");
        assertThat(now.get("finished_trials").asInt()).isEqualTo(trials);
        long sequence = 0;
        for (JsonNode event : Rest.list(server + "/v1/" + job + "/events?after=0")) {
            assertThat(event.get("sequence").asLong()).isEqualTo(++sequence);
        }
        assertThat(sequence).isEqualTo(now.get("last_sequence").asLong());
        Path out = folder.resolve("results").resolve(job);
        Kogata.Run fetched = Kogata.run(Map.of("KOGATA_SERVER", server), "jobs", "result", job, "--out", out.toString());
        assertThat(fetched.exit()).as(fetched.toString()).isZero();
        Kogata.Run verified = Kogata.run(Map.of(), "verify", out.toString());
        assertThat(verified.exit()).as(verified.toString()).isZero();
    }

    private static void copy(Path from, Path to) throws Exception {
        Files.createDirectories(to.getParent());
        Kogata.Run run = Kogata.run(List.of("cp", "-a", from.toString(), to.toString()), Map.of());
        assertThat(run.exit()).as(run.toString()).isZero();
    }

    private static void remove(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
