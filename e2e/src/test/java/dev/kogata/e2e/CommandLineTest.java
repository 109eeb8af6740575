package dev.kogata.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** The command line against a mesh that asks who calls: interrupted and given again, and as two tenants. One mesh and one result for all tests. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CommandLineTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** In the middle of the decoder's weights, which are more than half of the model's bytes. */
    private static final long IN_MID_UPLOAD = 250_000;

    @TempDir static Path folder;
    private EmbeddedMesh mesh;
    private String acme;
    private String rival;
    private Path data;
    private String job;
    private String model;
    private String dataset;

    @BeforeAll
    void start() throws Exception {
        JsonNode first = key("acme");
        JsonNode second = key("rival");
        acme = first.get("key").asText();
        rival = second.get("key").asText();
        Path keys = Files.writeString(folder.resolve("keys"), first.get("line").asText() + "\n" + second.get("line").asText() + "\n");
        data = SmallData.first(40, "calibration", folder.resolve("data"));
        mesh = EmbeddedMesh.start(folder.resolve("home"), Map.of("KOGATA_GATEWAY_IDENTITY_API_KEYS", keys.toString()));
    }

    @AfterAll
    void stop() throws InterruptedException {
        if (mesh != null) {
            mesh.close();
        }
    }

    @Test
    @Order(1)
    void aCompressThatIsKilledInMidUploadAndInMidSearchGoesOnWithItsBytesAndItsJob() throws Exception {
        Path uploads = mesh.home().resolve("uploads");
        String begun;
        try (Passage passage = new Passage(mesh.server(), IN_MID_UPLOAD)) {
            Process client = begin(passage.address());
            Until.holds("an upload is half there", () -> halfUploaded(uploads) != null || !client.isAlive());
            begun = halfUploaded(uploads);
            assertThat(begun).as("the client was caught in mid-upload").isNotNull();
            client.destroyForcibly().waitFor();
        }
        assertThat(jobs(acme)).isEmpty();

        Process client = begin(mesh.server());
        Until.holds("the search is under way", () -> !client.isAlive() || (!jobs(acme).isEmpty() && jobs(acme).get(0).path("finished_trials").asInt() >= 2));
        assertThat(client.isAlive()).as("the client is caught in mid-search").isTrue();
        client.destroyForcibly().waitFor();
        assertThat(uploads.resolve(begun + ".used")).as("the upload that was cut off went on, and became the model").isRegularFile();

        Kogata.Run again = as(acme, compress(mesh.server()));
        assertThat(again.exit()).as(again.toString()).isZero();
        assertThat(jobs(acme)).as("one job for three commands").hasSize(1);
        job = jobs(acme).get(0).get("name").asText();
        assertThat(again.err()).contains("going on with " + job);
        assertThat(Kogata.run(Map.of(), "verify", folder.resolve("result").toString()).exit()).isZero();
    }

    @Test
    @Order(2)
    void modelsDatasetsAndJobsAreListedAndShown() throws Exception {
        List<JsonNode> models = documents(as(acme, "models", "list", "--json"));
        assertThat(models).singleElement().satisfies(found -> assertThat(found.get("display_name").asText()).isEqualTo("nano-optimum"));
        model = models.get(0).get("name").asText();
        assertThat(as(acme, "models", "show", model).out()).contains("optimum", "decoder");
        List<JsonNode> datasets = documents(as(acme, "datasets", "list", "--json"));
        assertThat(datasets).hasSize(1);
        dataset = datasets.get(0).get("name").asText();
        assertThat(as(acme, "datasets", "show", dataset).out()).contains("40,");
        assertThat(as(acme, "jobs", "show", job).out()).contains("done");
        assertThat(as(acme, "jobs", "watch", job).exit()).isZero();
    }

    @Test
    @Order(3)
    void nothingOfOneTenantIsThereForAnother() throws Exception {
        Path out = folder.resolve("stolen");
        for (String[] command : new String[][] {
            {"jobs", "show", job}, {"jobs", "watch", job}, {"jobs", "cancel", job}, {"jobs", "delete", job}, {"jobs", "result", job, "--out", out.toString()},
            {"models", "show", model}, {"models", "delete", model}, {"datasets", "delete", dataset}, {"compress", model, "--budget", "60%", "--out", out.toString()}}) {
            refused("NOT_FOUND", as(rival, with(command, "--json")));
        }
        assertThat(out).doesNotExist();
        for (String collection : List.of("jobs", "models")) {
            assertThat(documents(as(rival, collection, "list", "--json"))).as(collection).isEmpty();
        }
        refused("UNAUTHENTICATED", Kogata.run(Map.of("KOGATA_SERVER", mesh.server()), "jobs", "list", "--json"));
        refused("UNAUTHENTICATED", as("kogata_of_nobody", "jobs", "show", job, "--json"));
        assertThat(JSON.readTree(as(acme, "jobs", "show", job, "--json").out()).get("state").asText()).as("untouched").isEqualTo("SUCCEEDED");
    }

    @Test
    @Order(4)
    void aModelIsCompressedAgainByItsNameAndWhatAJobNeedsStaysUntilTheJobIsCancelled() throws Exception {
        Process client = process(acme, "compress", model, "--data", dataset, "--budget", "70%", "--trials", "100000", "--context", "256", "--out", folder.resolve("never").toString());
        Until.holds("the search is under way", () -> jobs(acme).size() == 2 && jobs(acme).get(0).path("finished_trials").asInt() >= 1);
        String running = jobs(acme).get(0).get("name").asText();
        refused("IN_USE", as(acme, "models", "delete", model, "--json"));
        refused("IN_USE", as(acme, "datasets", "delete", dataset, "--json"));
        refused("STATE_WRONG", as(acme, "jobs", "delete", running, "--json"));
        assertThat(JSON.readTree(as(acme, "jobs", "cancel", running, "--json").out()).get("state").asText()).isEqualTo("CANCELLED");
        assertThat(client.waitFor()).as("a job that was cancelled has not succeeded").isEqualTo(4);
        // Only what has stopped can be deleted.
        Until.holds("the cancelled job's work has stopped", () -> as(acme, "jobs", "delete", running, "--json").exit() == 0);
        assertThat(as(acme, "models", "delete", model).exit()).isZero();
        assertThat(as(acme, "datasets", "delete", dataset).exit()).isZero();
        refused("NOT_FOUND", as(acme, "models", "show", model, "--json"));
        assertThat(as(acme, "jobs", "result", job, "--out", folder.resolve("again").toString()).exit()).as("results outlive their models").isZero();
    }

    private String[] compress(String server) {
        return new String[] {"compress", CompressTest.MODEL.toString(), "--budget", "60%", "--data", data.toString(), "--trials", "40", "--context", "256",
            "--out", folder.resolve("result").toString(), "--server", server};
    }

    private Process begin(String server) throws IOException {
        return process(acme, compress(server));
    }

    private Process process(String key, String... arguments) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(Kogata.command(List.of(arguments)))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(folder.resolve("client.err").toFile());
        builder.environment().putAll(environment(key));
        return builder.start();
    }

    private Kogata.Run as(String key, String... arguments) {
        return Kogata.run(environment(key), arguments);
    }

    /** The key comes from the environment; what commands remember lies in a home of their own, not in the mesh's. */
    private Map<String, String> environment(String key) {
        Map<String, String> environment = new HashMap<>();
        environment.put("KOGATA_API_KEY", key);
        environment.put("KOGATA_SERVER", mesh.server());
        environment.put("KOGATA_HOME", folder.resolve("client").toString());
        return environment;
    }

    /** By REST: a search is over before a command has started. */
    private List<JsonNode> jobs(String key) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(mesh.server() + "/v1/jobs")).header("X-API-Key", key).build();
        List<JsonNode> jobs = new ArrayList<>();
        JSON.readTree(HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofByteArray()).body()).path("jobs").forEach(jobs::add);
        return jobs;
    }

    private static List<JsonNode> documents(Kogata.Run run) throws IOException {
        assertThat(run.exit()).as(run.toString()).isZero();
        List<JsonNode> documents = new ArrayList<>();
        for (String line : run.out().lines().toList()) {
            documents.add(JSON.readTree(line));
        }
        return documents;
    }

    private static void refused(String reason, Kogata.Run run) throws IOException {
        assertThat(run.exit()).as(run.toString()).isEqualTo(3);
        assertThat(JSON.readTree(run.out().lines().reduce((one, other) -> other).orElseThrow()).at("/error/reason").asText()).as(run.toString()).isEqualTo(reason);
    }

    /** The id of an upload that has some of its bytes, and not all. */
    private static String halfUploaded(Path uploads) throws IOException {
        try (Stream<Path> files = Files.list(uploads)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".json")).toList()) {
                String id = file.getFileName().toString().replace(".json", "");
                long bytes = Files.size(uploads.resolve(id + ".bytes"));
                if (bytes > 0 && bytes < JSON.readTree(file.toFile()).get("length").asLong()) {
                    return id;
                }
            }
        }
        return null;
    }

    private static String[] with(String[] command, String... more) {
        return Stream.of(command, more).flatMap(Stream::of).toArray(String[]::new);
    }

    private static JsonNode key(String tenant) throws IOException {
        Kogata.Run run = Kogata.run(Map.of(), "key", tenant, "ci", "--json");
        assertThat(run.exit()).as(run.toString()).isZero();
        return JSON.readTree(run.out());
    }
}
