package dev.kogata.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever happens to any process, the broker, the database or the disk, nothing that was accepted is lost: seeded schedules of faults over the packaged
 * services, a real broker and, where Debian's package is installed, a real PostgreSQL with two orchestrators; where this process may mount, a disk that
 * fills up; where Debian's packages are installed, wrong clocks and failing writes. A few schedules always, many by hand:
 *
 * <pre>
 * mvn -pl e2e -am verify -Dtest=FaultsTest -Dsurefire.failIfNoSpecifiedTests=false -Dkogata.schedules=200      # so many, from a seed that is printed
 * mvn -pl e2e -am verify -Dtest=FaultsTest -Dsurefire.failIfNoSpecifiedTests=false -Dkogata.schedule.seed=11,7  # these again, in this order
 * </pre>
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class FaultsTest {
    private static final String ONE = "kogata.schedule.seed";
    private static final String MANY = "kogata.schedules";
    private static final String REQUESTS = "kogata-requests";
    private static final int QUEUED = 1000;
    /** All kinds of faults, about once each, where all of them can be had. */
    private static final long[] ALWAYS = {769, 5858, 5559, 997, 120};
    static final Path MODEL = Kogata.ROOT.resolve("onnx/src/test/resources/models/nano-optimum");

    @TempDir static Path folder;
    private SeparateServices mesh;
    private Optional<OwnPostgres> postgres = Optional.empty();
    private Invariants invariants;
    private byte[] calibration;

    @BeforeAll
    void start() throws Exception {
        postgres = OwnPostgres.start();
        calibration = Rest.zip(SmallData.first(24, "calibration", folder.resolve("data")).getParent());
        // Short leases, so that a paused process loses what it holds within seconds; attempts enough for every fault of a schedule; few tasks.
        mesh = SeparateServices.start(folder.resolve("mesh"), postgres, true, Map.of("kogata.task.lease", "PT4S", "kogata.jobs.lease", "PT4S",
                "kogata.task.attempts", "9", "kogata.task.pause", "PT1S", "kogata.grpc.keep-alive", "PT10S", "kogata.database.answer-timeout", "PT10S",
                "kogata.jobs.finalists", "1", "kogata.jobs.written", "1"));
        invariants = new Invariants(mesh, folder.resolve("results"));
        if (postgres.isEmpty()) {
            System.out.println("NO POSTGRESQL HERE (Debian's package postgresql is not installed): every service has an H2, one orchestrator runs, and no database goes away");
        }
        if (mesh.disk().isEmpty()) {
            System.out.println("NO RIGHT TO MOUNT HERE: no disk becomes full or read-only");
        }
        if (Fault.clock().isEmpty()) {
            System.out.println("NO OTHER CLOCK HERE (Debian's package libfaketime is not installed): no clock goes wrong");
        }
        if (!FailingWrites.canBeHad()) {
            System.out.println("NO FAILING WRITES HERE (Debian's package fiu-utils is not installed)");
        }
    }

    @AfterAll
    void stop() throws Exception {
        if (mesh != null) {
            mesh.close();
        }
        if (postgres.isPresent()) {
            postgres.get().close();
        }
    }

    @Test
    @Order(1)
    void theWholeJobIsDoneWhereNothingHappens() throws Exception {
        PatientClient client = new PatientClient(mesh.server());
        String job = work(client, "undisturbed");
        invariants.hold(job, Set.of(), true);
    }

    @Test
    @Order(2)
    void whateverHappensToAnyOfThemNothingIsLost() throws Exception {
        Map<String, List<Fault>> kinds = Fault.kinds(postgres.isPresent(), mesh.disk().isPresent(), Fault.clock(), FailingWrites.canBeHad());
        for (long seed : seeds()) {
            FaultSchedule schedule = new FaultSchedule(seed, kinds);
            long began = System.nanoTime();
            System.out.println(schedule);
            PatientClient client = new PatientClient(mesh.server(), schedule.mayFailWith());
            CompletableFuture<String> work = CompletableFuture.supplyAsync(() -> {
                try {
                    return work(client, seed + "-" + began);
                } catch (Exception | AssertionError e) {
                    throw new CompletionException(e);
                } finally {
                    client.finish();
                }
            });
            try {
                schedule.strike(mesh, client);
                String job = work.join();
                for (String service : mesh.apis()) {
                    mesh.awaitReady(service);
                }
                invariants.hold(job, schedule.mayFailWith(), schedule.brokerKeeps());
                System.out.println("  held, " + Rest.get(mesh.server() + "/v1/" + job).get("state").asText() + ", " + (System.nanoTime() - began) / 1_000_000_000 + " s");
            } catch (Exception | AssertionError broken) {
                throw new AssertionError("replay with -D" + ONE + "=" + seed + ", logs and threads are in " + logs(seed) + ": " + broken.getMessage(), broken);
            }
        }
    }

    /** What every process has printed, with what its threads are doing now, where it outlives the test. */
    private Path logs(long seed) throws Exception {
        Path kept = Files.createDirectories(Kogata.ROOT.resolve("e2e/target/faults-" + seed));
        for (String name : mesh.names()) {
            if (mesh.process(name).isAlive()) {
                mesh.signal(name, "QUIT");
            }
        }
        TimeUnit.SECONDS.sleep(2);
        for (String name : mesh.names()) {
            Files.copy(mesh.log(name), kept.resolve(name + ".log"), StandardCopyOption.REPLACE_EXISTING);
        }
        return kept;
    }

    @Test
    @Order(3)
    void eventsDeliveredThriceOutOfOrderAndAllOverAgainStartOneJobEach() throws Exception {
        JsonNode earlier = Rest.get(mesh.server() + "/v1/jobs?filter=state=SUCCEEDED").get("jobs").get(0).get("request");
        List<String> ids = List.of("a", "b", "c", "d");
        List<String> sent = new ArrayList<>();
        for (int copy = 0; copy < 3; copy++) {
            sent.addAll(ids);
        }
        Collections.shuffle(sent, new Random(1));
        for (String id : sent) {
            PublicEvents.send(mesh.kafka(), "kogata.requests", id, "dev.kogata.job.requested.v1", "{\"job\": {\"model\": %s, \"dataset\": %s, \"budget\": {\"ratio\": 0.7}}}"
                    .formatted(earlier.get("model"), earlier.get("dataset")));
        }
        Until.holds("all have been taken", () -> PublicEvents.lag(mesh.kafka(), REQUESTS, "kogata.requests") == 0);
        assertThat(causes()).containsExactlyInAnyOrderElementsOf(ids);
        mesh.kill("gateway");
        Until.holds("nobody takes them", () -> PublicEvents.rewind(mesh.kafka(), REQUESTS, "kogata.requests"));
        mesh.launch("gateway");
        mesh.awaitReady("gateway");
        Until.holds("all have been taken again", () -> PublicEvents.lag(mesh.kafka(), REQUESTS, "kogata.requests") == 0);
        assertThat(causes()).containsExactlyInAnyOrderElementsOf(ids);
        assertThat(PublicEvents.ids(mesh.kafka(), "kogata.dead")).isEmpty();
    }

    /** Ids of the events that asked for jobs, one for each such job; the jobs are ended. */
    private List<String> causes() throws Exception {
        List<String> causes = new ArrayList<>();
        for (JsonNode job : Rest.get(mesh.server() + "/v1/jobs?page_size=1000").get("jobs")) {
            if (job.get("request").has("cause")) {
                causes.add(job.at("/request/cause/id").asText());
                Rest.post(mesh.server() + "/v1/" + job.get("name").asText() + ":cancel", "{}");
            }
        }
        return causes;
    }

    @Test
    @Order(4)
    void aBitThatFlipsAtRestIsNeverDeliveredAsTheFile() throws Exception {
        String name = Rest.get(mesh.server() + "/v1/jobs?filter=state=SUCCEEDED").get("jobs").get(0).get("name").asText();
        JsonNode plan = null;
        for (JsonNode file : Rest.get(mesh.server() + "/v1/" + name + "/result").get("files")) {
            plan = file.get("path").asText().equals("plan.json") ? file : plan;
        }
        String sha256 = plan.get("sha256").asText();
        Path artifact;
        try (Stream<Path> files = Files.walk(mesh.artifacts())) {
            artifact = files.filter(file -> file.getFileName().toString().equals(sha256)).findFirst().orElseThrow();
        }
        byte[] bytes = Files.readAllBytes(artifact);
        Fault.replace(artifact, Fault.flipped(bytes));
        Kogata.Run fetched = Kogata.run(Map.of("KOGATA_SERVER", mesh.server()), "jobs", "result", name, "--out", folder.resolve("flipped").toString());
        assertThat(fetched.exit()).as(fetched.toString()).isNotZero();
        Fault.replace(artifact, bytes);
        Kogata.Run again = Kogata.run(Map.of("KOGATA_SERVER", mesh.server()), "jobs", "result", name, "--out", folder.resolve("whole").toString());
        assertThat(again.exit()).as(again.toString()).isZero();
    }

    @Test
    @Order(5)
    void aThousandQueuedJobsAreThereAfterEveryServiceWasKilledAndFiftyClientsWithOneKeyGetOne() throws Exception {
        JsonNode earlier = Rest.get(mesh.server() + "/v1/jobs?filter=state=SUCCEEDED").get("jobs").get(0).get("request");
        String body = "{\"model\": %s, \"dataset\": %s, \"budget\": {\"ratio\": 0.7}}".formatted(earlier.get("model"), earlier.get("dataset"));
        ControlPlane plane = new ControlPlane(mesh.server());
        Set<String> accepted = ConcurrentHashMap.newKeySet();
        ControlPlane.together(50, 50, number -> accepted.add(plane.start(body, "same")));
        assertThat(accepted).hasSize(1);
        ControlPlane.together(16, QUEUED - 1, number -> accepted.add(plane.start(body, "queued-" + number)));
        assertThat(accepted).hasSize(QUEUED);

        mesh.restartApis();
        assertThat(plane.jobs("active")).isEqualTo(accepted);
        List<String> names = List.copyOf(accepted);
        ControlPlane.together(16, QUEUED, number -> plane.cancel(names.get(number)));
        assertThat(plane.jobs("active")).isEmpty();
        assertThat(plane.jobs("state=CANCELLED")).containsAll(accepted);
        invariants.nothingIsLeftToDo();
    }

    /** Uploads a model that nobody has uploaded before, and compresses it; returns the job once it has ended. */
    private String work(PatientClient client, String salt) throws Exception {
        Path bundle = folder.resolve("bundle-" + salt);
        try (Stream<Path> files = Files.walk(MODEL)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path copy = bundle.resolve(MODEL.relativize(file).toString());
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy);
            }
        }
        Files.write(bundle.resolve("README.md"), ("Copy " + salt).getBytes(StandardCharsets.UTF_8));
        String model = client.create("models", "{\"uploads\": [\"" + client.upload("model.zip", Rest.zip(bundle)) + "\"]}", "model-" + salt);
        String dataset = client.create("datasets", "{\"uploads\": [\"" + client.upload("data.zip", calibration) + "\"]}", "dataset-" + salt);
        String job = client.create("jobs", ("{\"model\": \"%s\", \"dataset\": \"%s\", \"budget\": {\"ratio\": 0.7}, \"method\": \"wanda\", \"search\": \"random\", \"final\": \"as-searched\", \"trials\": 2, "
                + "\"workload\": {\"context\": 64}}").formatted(model, dataset), "job-" + salt);
        client.ended(job);
        return job;
    }

    private static long[] seeds() {
        if (System.getProperty(ONE) != null) {
            return Stream.of(System.getProperty(ONE).split(",")).mapToLong(Long::parseLong).toArray();
        }
        if (System.getProperty(MANY) == null) {
            return ALWAYS;
        }
        long first = Long.getLong("kogata.schedules.first", System.currentTimeMillis());
        return LongStream.range(first, first + Integer.getInteger(MANY)).toArray();
    }
}
