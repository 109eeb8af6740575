package dev.kogata.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole job over the packaged mesh, from the command line through the gateway, on the two-layer model. One mesh and one result for
 * all tests: they read it, and those that damage it work on a copy.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CompressTest {

    static final Path MODEL = Kogata.ROOT.resolve("onnx/src/test/resources/models/nano-optimum");
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir static Path folder;
    private EmbeddedMesh mesh;
    private Path calibration;
    private Path heldout;
    private Path result;
    private Kogata.Run compress;

    @BeforeAll
    void compressOnce() throws IOException {
        calibration = SmallData.first(40, "calibration", folder.resolve("calibration"));
        heldout = SmallData.first(12, "heldout", folder.resolve("heldout"));
        mesh = EmbeddedMesh.start(folder.resolve("home"));
        result = folder.resolve("result");
        compress = compress(MODEL, "60%", result, 14);
        assertThat(compress.exit()).as(compress.toString()).isZero();
    }

    @AfterAll
    void stop() throws InterruptedException {
        if (mesh != null) {
            mesh.close();
        }
    }

    private Kogata.Run compress(Path model, String budget, Path out, int trials) {
        return Kogata.run(
                Map.of("KOGATA_SERVER", mesh.server()),
                "compress", model.toString(), "--budget", budget, "--out", out.toString(),
                "--data", calibration.toString(), "--heldout", heldout.toString(),
                "--trials", String.valueOf(trials), "--context", "256", "--json");
    }

    private JsonNode read(String file) throws IOException {
        return JSON.readTree(result.resolve(file).toFile());
    }

    @Test
    @Order(1)
    void leavesEverythingThatTheDesignLists() {
        assertThat(result.resolve("bundle/onnx/decoder_model_merged.onnx")).isRegularFile();
        assertThat(result.resolve("bundle/tokenizer.json")).isRegularFile();
        assertThat(result.resolve("sparse/sparse.safetensors")).isRegularFile();
        assertThat(result.resolve("report.html")).isRegularFile();
        assertThat(compress.out().lines()).as("every line of --json output is a JSON document").allSatisfy(line -> assertThat(JSON.readTree(line).isObject()).isTrue());
    }

    @Test
    @Order(2)
    void meetsTheBudgetToLessThanOneRow() throws IOException {
        JsonNode plan = read("plan.json");
        long row = 0;
        for (JsonNode weight : plan.get("weights")) {
            row = Math.max(row, 4 * Math.max(weight.get("rows").asLong(), weight.get("columns").asLong()));
        }
        assertThat(plan.get("budget_bytes").asLong() - plan.get("bytes").asLong()).isBetween(0L, row - 1);
        assertThat(plan.get("budget_bytes").asLong()).isEqualTo((long) Math.floor(plan.get("dense_bytes").asLong() * 0.6));
        assertThat(plan.get("layers")).hasSize(2);
        assertThat(plan.get("weights")).hasSize(14);
    }

    @Test
    @Order(3)
    void reportsMemoryLatencyAndAccuracyOfDenseAndDelivered() throws IOException {
        JsonNode report = read("report.json");
        for (String part : new String[] {"memory", "latency"}) {
            assertThat(report.get(part).get("dense").isObject()).as(part).isTrue();
            assertThat(report.get(part).get("delivered").isObject()).as(part).isTrue();
        }
        for (String plan : new String[] {"dense", "delivered", "uniform"}) {
            JsonNode quality = report.get("heldout").get(plan);
            assertThat(quality.get("kl").asDouble()).as(plan).isGreaterThanOrEqualTo(0);
            assertThat(quality.get("nll").asDouble()).as(plan).isPositive();
            assertThat(quality.get("exact").asDouble()).as(plan).isBetween(0.0, 1.0);
            assertThat(quality.get("bytes").asLong()).as(plan).isPositive();
        }
        assertThat(report.get("heldout").get("delivered").get("kl").asDouble()).isPositive();
        JsonNode schema = JSON.readTree(Kogata.ROOT.resolve("docs/report.schema.json").toFile());
        assertThat(JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(schema).validate(report)).isEmpty();
        assertThat(report.get("decision").get("verdict").asText()).as("no thresholds were given").isEqualTo("none");
    }

    @Test
    @Order(4)
    void verifyHoldsAndFailsWhenOneByteIsChanged() throws IOException {
        assertThat(Kogata.run(Map.of(), "verify", result.toString()).exit()).isZero();
        Path copy = copy(result, folder.resolve("damaged"));
        Path file = copy.resolve("bundle/onnx/decoder_model_merged.onnx_data");
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        Kogata.Run verify = Kogata.run(Map.of(), "verify", copy.toString());
        assertThat(verify.exit()).as(verify.toString()).isNotZero();
    }

    @Test
    @Order(5)
    void expandRestoresTheBundleBitForBit() throws IOException {
        Path expanded = folder.resolve("expanded");
        Kogata.Run expand = Kogata.run(Map.of(), "expand", result.resolve("sparse").toString(), expanded.toString());
        assertThat(expand.exit()).as(expand.toString()).isZero();
        try (Stream<Path> files = Files.walk(result.resolve("bundle"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path twin = expanded.resolve(result.resolve("bundle").relativize(file));
                assertThat(Files.mismatch(file, twin)).as(twin.toString()).isEqualTo(-1);
            }
        }
    }

    @Test
    @Order(5)
    void theReportsScriptServesTheResult() throws Exception {
        String python = System.getenv("KOGATA_TEST_PYTHON");
        assumeTrue(python != null, "no Python: KOGATA_TEST_PYTHON names one with onnxruntime, transformers and jinja2");
        Path script = Files.writeString(folder.resolve("serve.py"), read("report.json").at("/serving/0/command").asText());
        assertThat(Files.readString(script)).contains("import onnxruntime");
        Path out = folder.resolve("answer.txt");
        Process process = new ProcessBuilder(python, script.toString(), result.resolve("bundle").toString(), "Which shape is at the left?")
                .redirectOutput(out.toFile()).redirectError(folder.resolve("serve.err").toFile()).start();
        int exit = process.waitFor();
        assertThat(exit).as(Files.readString(folder.resolve("serve.err"))).isZero();
        assertThat(Files.readString(out)).isNotBlank();
    }

    @Test
    @Order(6)
    void theReportsOwnCommandMakesTheSameResultAgain() throws IOException {
        Path again = folder.resolve("again");
        Map<String, String> places = Map.of("BUNDLE", MODEL.toString(), "DATA.jsonl", calibration.toString(), "HELDOUT.jsonl", heldout.toString(), "DIR", again.toString());
        String[] command = read("report.json").at("/reproduction/command").asText().split(" ");
        Kogata.Run run = Kogata.run(Map.of("KOGATA_SERVER", mesh.server()),
                Arrays.stream(command).skip(1).map(word -> places.getOrDefault(word, word)).toArray(String[]::new));
        assertThat(run.exit()).as(run.toString()).isZero();
        JsonNode first = read("plan.json");
        JsonNode second = JSON.readTree(again.resolve("plan.json").toFile());
        assertThat(second.get("weights")).isEqualTo(first.get("weights"));
        assertThat(second.get("layers")).isEqualTo(first.get("layers"));
        assertThat(second.get("outputs")).isEqualTo(first.get("outputs"));
        JsonNode elastic = JSON.readTree(again.resolve("report.json").toFile()).get("elastic");
        assertThat(elastic.get("form").asText()).isEqualTo("bank");
        assertThat(elastic.get("built_by").asText()).as("the bank that the first job had built").isEqualTo(read("report.json").get("job").asText());
    }

    @Test
    @Order(7)
    void workerKilledInMidSearchChangesNothingInThePlan() throws Exception {
        Path killed = folder.resolve("killed");
        Kogata.Run[] run = new Kogata.Run[1];
        Thread client = new Thread(() -> run[0] = compress(MODEL, "60%", killed, 14));
        long before = jobs().size();
        client.start();
        Until.holds("the search is under way", () -> jobs().size() > before && jobs().get(0).path("finished_trials").asInt() >= 4);
        assertThat(client.isAlive()).as("the job is caught in mid-search").isTrue();
        mesh.child("WorkerMain").destroyForcibly();
        client.join();
        assertThat(run[0].exit()).as(run[0].toString()).isZero();
        JsonNode plan = JSON.readTree(killed.resolve("plan.json").toFile());
        assertThat(plan.get("weights")).isEqualTo(read("plan.json").get("weights"));
        assertThat(plan.get("layers")).isEqualTo(read("plan.json").get("layers"));
    }

    /** Files of the JDK, of the system and of this installation are read; all else that the mesh has open is its home's, also what a killed worker left. */
    @Test
    @Order(8)
    @EnabledOnOs(OS.LINUX)
    void nothingOutsideItsHomeIsUsedAndNothingIsLeftOfAKilledWorker() throws Exception {
        Path home = mesh.home().toRealPath();
        List<Path> known = List.of(home, Kogata.ROOT.toRealPath(), Path.of(System.getProperty("java.home")).toRealPath(), Path.of("/usr"), Path.of("/lib"), Path.of("/lib64"), Path.of("/etc"),
                Path.of("/dev"), Path.of("/proc"), Path.of("/sys"));
        for (String role : List.of("BrokerMain", "QuarkusEntryPoint", "WorkerMain")) {
            assertThat(OpenFiles.of(mesh.child(role))).as(role).isNotEmpty().allMatch(file -> known.stream().anyMatch(file::startsWith));
        }
        try (Stream<Path> files = Files.walk(home)) {
            assertThat(files.filter(file -> file.getFileName().toString().equals(System.mapLibraryName("onnxruntime")))).as("what one living worker has unpacked").hasSizeLessThanOrEqualTo(1);
        }
    }

    @Test
    @Order(8)
    void gatewayRefusesModelsDatasetsAndBudgetsBeforeAnyWork() throws Exception {
        Path model = copy(MODEL, folder.resolve("incomplete"));
        Files.delete(model.resolve("onnx/decoder_model_merged.onnx_data"));
        refused("/v1/models", "EXTERNAL_DATA_MISSING", Rest.upload(mesh.server(), "model.zip", Rest.zip(model)));
        Path data = copy(calibration.getParent(), folder.resolve("broken-data"));
        Files.writeString(data.resolve("calibration.jsonl"), "{\"messages\": [}\n");
        refused("/v1/datasets", "DATASET_LINE_INVALID", Rest.upload(mesh.server(), "data.zip", Rest.zip(data)));
        long before = jobs().size();
        JsonNode known = Rest.get(mesh.server() + "/v1/jobs").get("jobs").get(0).get("request");
        Rest.Answer answer = Rest.post(mesh.server() + "/v1/jobs", "{\"model\": %s, \"dataset\": %s, \"budget\": {\"ratio\": 0.01}}".formatted(known.get("model"), known.get("dataset")));
        assertThat(answer.status()).as(answer.toString()).isBetween(400, 499);
        assertThat(answer.body().get("reason").asText()).isEqualTo("BUDGET_UNREACHABLE");
        assertThat(jobs()).hasSize((int) before);
    }

    @Test
    @Order(9)
    void everyMetricThatTheDashboardAndTheAlertsAskForIsThere() throws Exception {
        String metrics = Rest.text(mesh.server() + "/metrics");
        String asked = Files.readString(Kogata.ROOT.resolve("monitoring/grafana-dashboard.json")) + Files.readString(Kogata.ROOT.resolve("k8s/components/monitoring/alerts.yaml"));
        // A worker's own are asked of a worker, in its tests.
        Set<String> names = Pattern.compile("\\b(kogata_(?!worker_)|http_|jvm_|process_)[a-z_]+").matcher(asked).results().map(MatchResult::group).collect(Collectors.toCollection(TreeSet::new));
        assertThat(names).contains("kogata_jobs", "kogata_tasks", "kogata_trial_seconds_count", "kogata_errors_total")
                .allSatisfy(name -> assertThat(metrics).containsPattern("(?m)^" + name + "[ {]"));
    }

    @Test
    @Order(9)
    void anEventStartsAJobWithoutHttpHoweverOftenItIsSent() throws Exception {
        long before = jobs().size();
        Path out = folder.resolve("by-event");
        for (int time = 0; time < 2; time++) {
            Kogata.Run run = Kogata.run(List.of(Kogata.ROOT.resolve("examples/pipeline/run").toString(), "--model", MODEL.toString(),
                    "--data", calibration.getParent().toString(), "--budget", "0.6", "--trials", "4", "--out", out.toString(), "--id", "order 1",
                    "--kafka", mesh.kafka(), "--gateway", mesh.server(), "--inbox", mesh.home().resolve("inbox").toString()), Map.of());
            assertThat(run.exit()).as(run.toString()).isZero();
        }
        assertThat(jobs()).hasSize((int) before + 1);
        assertThat(jobs().get(0).at("/request/cause/id").asText()).isEqualTo("order 1");
        assertThat(Kogata.run(Map.of(), "verify", out.toString()).exit()).isZero();
    }

    @Test
    @Order(10)
    void anEventThatAsksForWhatCannotBeIsPutAwayAndMayBeReplayed() throws Exception {
        Path inbox = mesh.home().resolve("inbox");
        Kogata.Run run = Kogata.run(List.of(Kogata.ROOT.resolve("examples/pipeline/run").toString(), "--model", MODEL.toString(),
                "--data", calibration.getParent().toString(), "--budget", "0.01", "--out", folder.resolve("none").toString(),
                "--kafka", mesh.kafka(), "--gateway", mesh.server(), "--inbox", inbox.toString()), Map.of());
        assertThat(run.exit()).as(run.toString()).isEqualTo(3);
        Kogata.Run list = Kogata.run(Map.of(), "dead", "list", "--json", "--kafka", mesh.kafka());
        assertThat(list.exit()).as(list.toString()).isZero();
        JsonNode letter = JSON.readTree(list.out());
        assertThat(letter.get("reason").asText()).as(list.toString()).isEqualTo("BUDGET_UNREACHABLE");
        assertThat(Kogata.run(Map.of(), "dead", "replay", letter.get("id").asText(), "--kafka", mesh.kafka()).exit()).isZero();
        Until.holds("the same record is put away again", () -> Kogata.run(Map.of(), "dead", "list", "--json", "--kafka", mesh.kafka()).out().lines().count() == 2);
    }

    private void refused(String path, String reason, String upload) throws Exception {
        Rest.Answer answer = Rest.post(mesh.server() + path, "{\"uploads\": [\"" + upload + "\"]}");
        assertThat(answer.status()).as(answer.toString()).isBetween(400, 499);
        assertThat(answer.body().get("reason").asText()).isEqualTo(reason);
        assertThat(answer.body().get("detail").asText()).doesNotContain("Exception").doesNotContain("dev.kogata").doesNotContain(mesh.home().toString());
    }

    @Test
    @Order(11)
    void meshKilledAsByAPowerFailureGoesOnWhereItWas() throws Exception {
        Path home = mesh.home();
        long succeeded = succeeded();
        JsonNode request = jobs().get(0).get("request");
        Rest.Answer accepted = Rest.post(mesh.server() + "/v1/jobs", "{\"model\": %s, \"dataset\": %s, \"heldout\": %s, \"budget\": {\"ratio\": 0.6}, \"trials\": 14, \"workload\": {\"context\": 256}}"
                .formatted(request.get("model"), request.get("dataset"), request.get("heldout")));
        assertThat(accepted.status()).as(accepted.toString()).isBetween(200, 299);
        String job = accepted.body().get("name").asText();
        Until.holds("the search is under way", () -> Rest.get(mesh.server() + "/v1/" + job).path("finished_trials").asInt() >= 4);
        mesh.kill();
        mesh = EmbeddedMesh.start(home);
        Until.holds("the job has ended", () -> Set.of("SUCCEEDED", "FAILED").contains(state(job)));
        assertThat(state(job)).isEqualTo("SUCCEEDED");
        assertThat(succeeded()).isEqualTo(succeeded + 1);
        JsonNode plan = Rest.get(mesh.server() + "/v1/" + job + "/result/plan.json");
        assertThat(plan.get("weights")).isEqualTo(read("plan.json").get("weights"));
        assertThat(plan.get("layers")).isEqualTo(read("plan.json").get("layers"));
    }

    private String state(String job) throws IOException, InterruptedException {
        return Rest.get(mesh.server() + "/v1/" + job).get("state").asText();
    }

    private long succeeded() throws IOException, InterruptedException {
        long count = 0;
        for (JsonNode job : jobs()) {
            count += job.get("state").asText().equals("SUCCEEDED") ? 1 : 0;
        }
        return count;
    }

    private JsonNode jobs() throws IOException, InterruptedException {
        return Rest.get(mesh.server() + "/v1/jobs").get("jobs");
    }

    private static Path copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file));
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
        return to;
    }
}
