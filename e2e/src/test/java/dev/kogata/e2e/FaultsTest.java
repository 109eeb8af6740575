package dev.kogata.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever happens to any process, the broker or the database, nothing that was accepted is lost: seeded schedules of faults over the packaged
 * services, a real broker and, where Debian's package is installed, a real PostgreSQL. By hand, since a schedule takes a minute or two:
 *
 * <pre>
 * mvn -pl e2e -am verify -Dtest=FaultsTest -Dsurefire.failIfNoSpecifiedTests=false -Dkogata.schedules=200      # so many, from a seed that is printed
 * mvn -pl e2e -am verify -Dtest=FaultsTest -Dsurefire.failIfNoSpecifiedTests=false -Dkogata.schedule.seed=11   # one again
 * </pre>
 */
@EnabledIf("asked")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class FaultsTest {
    private static final String ONE = "kogata.schedule.seed";
    private static final String MANY = "kogata.schedules";

    @TempDir static Path folder;
    private SeparateServices mesh;
    private Optional<OwnPostgres> postgres = Optional.empty();
    private Path calibration;

    @BeforeAll
    void start() throws Exception {
        postgres = OwnPostgres.start();
        if (postgres.isEmpty()) {
            System.out.println("NO POSTGRESQL HERE (Debian's package postgresql is not installed): the services run on H2, and no database goes away");
        }
        calibration = SmallData.first(24, "calibration", folder.resolve("data"));
        // Short leases, so that a paused process loses what it holds within seconds.
        mesh = SeparateServices.start(folder.resolve("mesh"), postgres, Map.of("kogata.task.lease", "PT4S", "kogata.jobs.lease", "PT4S"));
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
    void theWholeJobIsDoneWhereNothingHappens() {
        Kogata.Run run = Kogata.run(Map.of("KOGATA_SERVER", mesh.server()),
                "compress", CompressTest.MODEL.toString(), "--budget", "60%", "--out", folder.resolve("out").toString(),
                "--data", calibration.toString(), "--trials", "4", "--context", "256");
        assertThat(run.exit()).as(run.toString()).isZero();
        assertThat(Kogata.run(Map.of(), "verify", folder.resolve("out").toString()).exit()).isZero();
    }

    @Test
    @Order(2)
    void whateverHappensToAnyOfThemNothingIsLost() throws Exception {
        JsonNode request = Rest.get(mesh.server() + "/v1/jobs").get("jobs").get(0).get("request");
        List<Fault> faults = Fault.all(postgres.isPresent());
        List<String> accepted = new ArrayList<>();
        for (long seed : seeds()) {
            FaultSchedule schedule = new FaultSchedule(seed, faults);
            System.out.println(schedule);
            Rest.Answer answer = Rest.post(mesh.server() + "/v1/jobs",
                    "{\"model\": %s, \"dataset\": %s, \"budget\": {\"ratio\": 0.6}, \"trials\": 4, \"workload\": {\"context\": 256}}".formatted(request.get("model"), request.get("dataset")));
            assertThat(answer.status()).as(answer.toString()).isEqualTo(201);
            accepted.add(answer.body().get("name").asText());
            try {
                schedule.strike(mesh, accepted.get(accepted.size() - 1));
                new Invariants(mesh).hold(accepted.subList(accepted.size() - 1, accepted.size()));
            } catch (Exception | AssertionError broken) {
                throw new AssertionError("replay with -D" + ONE + "=" + seed + ": " + broken.getMessage(), broken);
            }
        }
        new Invariants(mesh).hold(accepted);
    }

    @Test
    @Order(3)
    void aBitThatFlipsAtRestIsNeverDeliveredAsTheFile() throws Exception {
        JsonNode job = Rest.get(mesh.server() + "/v1/jobs?filter=state=SUCCEEDED").get("jobs").get(0);
        String name = job.get("name").asText();
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
        byte[] flipped = bytes.clone();
        flipped[bytes.length / 2] ^= 1;
        replace(artifact, flipped);
        Kogata.Run fetched = Kogata.run(Map.of("KOGATA_SERVER", mesh.server()), "jobs", "result", name, "--out", folder.resolve("flipped").toString());
        assertThat(fetched.exit()).as(fetched.toString()).isNotZero();
        replace(artifact, bytes);
        Kogata.Run again = Kogata.run(Map.of("KOGATA_SERVER", mesh.server()), "jobs", "result", name, "--out", folder.resolve("whole").toString());
        assertThat(again.exit()).as(again.toString()).isZero();
    }

    private static void replace(Path artifact, byte[] bytes) throws Exception {
        Path temporary = Files.write(artifact.resolveSibling("replacement"), bytes);
        Files.move(temporary, artifact, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }

    /** Whether somebody asked for schedules. */
    static boolean asked() {
        return System.getProperty(ONE) != null || System.getProperty(MANY) != null;
    }

    private static long[] seeds() {
        if (System.getProperty(ONE) != null) {
            return new long[] {Long.getLong(ONE)};
        }
        long first = System.nanoTime();
        return LongStream.range(first, first + Integer.getInteger(MANY)).toArray();
    }
}
