package dev.kogata.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kogata.common.v1.Budget;
import dev.kogata.common.v1.ManifestFile;
import dev.kogata.common.v1.Workload;
import dev.kogata.events.v1.JobChanged;
import dev.kogata.kit.event.Event;
import dev.kogata.orchestrator.v1.Cause;
import dev.kogata.orchestrator.v1.GetDatasetRequest;
import dev.kogata.orchestrator.v1.GetJobResultRequest;
import dev.kogata.orchestrator.v1.Job;
import dev.kogata.orchestrator.v1.JobEvent;
import dev.kogata.orchestrator.v1.JobResult;
import dev.kogata.orchestrator.v1.JobState;
import dev.kogata.orchestrator.v1.Thresholds;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A job from request to result, with fake workers. */
class WholeJobTest {

    @TempDir
    Path folder;
    private Mesh mesh;

    @BeforeEach
    void open() throws Exception {
        mesh = new Mesh(folder, Map.of());
    }

    @AfterEach
    void close() {
        mesh.close();
    }

    @Test
    void endsInSucceededWithEveryFileAndEveryEvent() {
        Job created = mesh.create(mesh.request());
        assertThat(created.getState()).isEqualTo(JobState.QUEUED);

        List<JobEvent> events = mesh.events(created.getName());

        assertThat(events.get(events.size() - 1).getState()).as(events.get(events.size() - 1).getMessage()).isEqualTo(JobState.SUCCEEDED);
        assertThat(events).extracting(JobEvent::getSequence).containsExactlyElementsOf(LongStream.rangeClosed(1, events.size()).boxed().toList());
        assertThat(events).extracting(JobEvent::getProgress).isSorted();
        assertThat(events).extracting(event -> event.getState().getNumber()).isSorted();
        assertThat(events).extracting(JobEvent::getState).contains(JobState.QUEUED, JobState.INSPECTING, JobState.PROFILING, JobState.SEARCHING, JobState.COMPRESSING,
                JobState.VERIFYING, JobState.SUCCEEDED);
        assertThat(events.stream().filter(JobEvent::hasTrial)).hasSize(20).allSatisfy(event -> assertThat(event.getTrial().getLayersCount()).isEqualTo(3));
        assertThat(mesh.published).filteredOn(event -> event.topic().equals(Event.JOBS)).extracting(event -> ((JobChanged) event.payload()).getEvent()).isEqualTo(events);

        Job job = mesh.job(created.getName());
        assertThat(job.getProgress()).isEqualTo(1);
        assertThat(job.getFinishedTrials()).isEqualTo(20);
        assertThat(job.getLastSequence()).isEqualTo(events.size());
        JobResult result = mesh.orchestrator.getJobResult(GetJobResultRequest.newBuilder().setName(job.getName()).build());
        assertThat(result.getFilesList()).extracting(ManifestFile::getPath)
                .containsExactly("bundle/" + FakeModel.FILE, "plan.json", "report.html", "report.json", "sparse/sparse.safetensors");
    }

    @Test
    void withoutDataRunsOnTheModelsOwnSamplesAndSaysSo() {
        Job job = mesh.ended(mesh.create(mesh.request().clearDataset()).getName());

        assertThat(job.getState()).isEqualTo(JobState.SUCCEEDED);
        assertThat(job.getRequest().getDataset()).isEmpty();
        JsonNode report = mesh.document(job.getName(), "report.json");
        String dataset = report.path("data").path("dataset").asText();
        assertThat(mesh.orchestrator.getDataset(GetDatasetRequest.newBuilder().setName(dataset).build()).getDisplayName()).contains("own samples of", job.getRequest().getModel());
        assertThat(report.path("remarks").toString()).contains("the model's own samples");
        assertThat(report.path("reproduction").path("command").asText()).doesNotContain("--data");
    }

    @Test
    void tellsOfItsSuccessWithEveryFilesUriAndSha256AndWhatAskedForIt() {
        Cause cause = Cause.newBuilder().setSource("//test/pipeline").setId("order 1").build();
        Job job = mesh.ended(mesh.create(mesh.request().setCause(cause)).getName());
        List<ManifestFile> files = mesh.orchestrator.getJobResult(GetJobResultRequest.newBuilder().setName(job.getName()).build()).getFilesList();

        List<JobChanged> changes = mesh.published.stream().filter(event -> event.topic().equals(Event.JOBS)).map(event -> (JobChanged) event.payload()).toList();
        assertThat(changes).extracting(JobChanged::getCause).containsOnly(cause);
        assertThat(changes.subList(0, changes.size() - 1)).allSatisfy(change -> assertThat(change.getFilesList()).isEmpty());
        assertThat(changes.get(changes.size() - 1).getFilesList()).hasSameSizeAs(files).zipSatisfy(files, (told, stored) -> {
            assertThat(told.getPath()).isEqualTo(stored.getPath());
            assertThat(told.getSha256()).isEqualTo(stored.getSha256());
            assertThat(told.getSizeBytes()).isEqualTo(stored.getSizeBytes());
            assertThat(told.getUri()).isEqualTo("artifact:sha256/" + stored.getSha256());
            assertThat(told.getDownload()).isEqualTo("/v1/" + job.getName() + "/result/" + stored.getPath());
        });
    }

    @Test
    void deliversAPlanThatUsesTheBudgetUpToTheRow() {
        Job job = mesh.ended(mesh.create(mesh.request()).getName());
        JsonNode plan = mesh.document(job.getName(), "plan.json");

        long left = plan.get("budget_bytes").asLong() - plan.get("bytes").asLong();
        assertThat(left).isBetween(0L, 64L * 4 - 1);
        assertThat(plan.get("budget_bytes").asLong()).isEqualTo(job.getBudgetBytes());
        assertThat(plan.get("dense_bytes").asLong()).isEqualTo(job.getDenseBytes());
        assertThat(plan.get("workload").get("batch").asInt()).isEqualTo(1);
        assertThat(plan.get("workload").get("context").asInt()).isEqualTo(1024);
        assertThat(plan.get("weights")).hasSize(6).allSatisfy(weight -> {
            assertThat(weight.get("file").asText()).isEqualTo(FakeModel.FILE);
            assertThat(weight.get("sparsity").asDouble()).isEqualTo(weight.get("zeros").asLong() / (64.0 * 48));
            assertThat(weight.get("encoding").asText()).isIn("dense", "sparse-bitmask");
        });
        assertThat(plan.get("layers")).hasSize(3).allSatisfy(layer -> assertThat(layer.get("cache_format").asText()).isEqualTo("portable"));
        assertThat(plan.get("outputs")).extracting(file -> file.get("path").asText()).containsExactly("bundle/" + FakeModel.FILE, "sparse/sparse.safetensors");
        assertThat(plan.get("inputs")).extracting(file -> file.get("path").asText()).containsExactly(FakeModel.FILE);
        assertThat(plan.get("method").asText()).isEqualTo("wanda");
        assertThat(plan.get("seed").asInt()).isEqualTo(11);
    }

    @Test
    void reportsDenseDeliveredAndUniformAtTheSameBytes() {
        Job job = mesh.ended(mesh.create(mesh.request().setWorkload(Workload.newBuilder().setContext(16)).setTrials(40)).getName());
        JsonNode report = mesh.document(job.getName(), "report.json");
        JsonNode heldout = report.get("heldout");

        assertThat(heldout.fieldNames()).toIterable().startsWith("dense", "delivered", "uniform").contains("uniform-2-bit", "uniform-4-bit", "uniform-8-bit",
                "uniform-repaired", "owl", "arithmetic-progression", "sensitivity", "random", "tpe");
        for (JsonNode model : heldout) {
            assertThat(model.fieldNames()).toIterable().contains("kl", "kl_standard_error", "exact", "nll", "bytes", "forward_passes");
        }
        // 21 probes of 8 of 12 conversations each.
        assertThat(heldout.get("sensitivity").get("forward_passes").asDouble()).isEqualTo(21 * 8 / 12.0 + 1);
        assertThat(heldout.get("tpe").get("forward_passes").asDouble()).isEqualTo(21 * 8 / 12.0 + 40);
        assertThat(heldout.get("uniform").get("forward_passes").asInt()).isEqualTo(7);
        assertThat(heldout.get("uniform-repaired").get("forward_passes").asInt()).isEqualTo(8);
        assertThat(heldout.get("uniform").get("against_delivered").get("kl").asDouble())
                .isCloseTo(heldout.get("uniform").get("kl").asDouble() - heldout.get("delivered").get("kl").asDouble(), within(1e-9));
        assertThat(heldout.get("dense").get("kl").asDouble()).isZero();
        assertThat(heldout.get("delivered").get("kl").asDouble()).isLessThan(heldout.get("uniform").get("kl").asDouble());
        assertThat(heldout.get("delivered").get("bytes").asDouble()).isCloseTo(heldout.get("uniform").get("bytes").asDouble(), within(256.0));
        assertThat(heldout.get("delivered").get("tags")).hasSize(2);
        assertThat(report.get("memory").fieldNames()).toIterable().containsExactly("dense", "delivered");
        assertThat(report.get("latency").fieldNames()).toIterable().containsExactly("dense", "delivered");
        assertThat(report.get("search").get("history")).hasSize(40);
        assertThat(report.get("search").get("sensitivity")).hasSize(21);
        assertThat(report.get("selection")).filteredOn(candidate -> candidate.get("chosen").asBoolean()).hasSize(1)
                .allSatisfy(candidate -> assertThat(candidate.get("final_pass").asText()).isEqualTo("repaired"));
        assertThat(report.get("selection")).extracting(candidate -> candidate.get("final_pass").asText()).contains("as-searched", "sequential", "repaired");
        double parts = 0;
        for (JsonNode part : report.get("bytes")) {
            parts += part.get("delivered").asDouble();
        }
        assertThat(parts).isEqualTo(report.get("budget").get("used_bytes").asDouble());
    }

    @Test
    void showsWhatEveryWidthOfEveryCacheCostsAlone() {
        Job job = mesh.ended(mesh.create(mesh.request()).getName());
        JsonNode sensitivity = mesh.document(job.getName(), "report.json").get("cache_sensitivity");

        assertThat(sensitivity.get("conversations").asInt()).isEqualTo(12);
        assertThat(sensitivity.get("losses")).hasSize(3 * 2 * 5).allSatisfy(loss -> {
            assertThat(loss.get("format").asText()).isEqualTo("portable");
            assertThat(loss.get("side").asText()).isIn("keys", "values");
            assertThat(loss.get("kl").asDouble()).isEqualTo(0.05 / (1 << loss.get("bits").asInt()));
        });
    }

    @Test
    void tellsHowWeightsWereRepairedAndWhatThatTook() {
        Job job = mesh.ended(mesh.create(mesh.request().setMethod("sparsegpt")).getName());
        JsonNode report = mesh.document(job.getName(), "report.json");

        assertThat(report.get("heldout").get("uniform-wanda").get("final_pass").asText()).isEqualTo("sequential");
        assertThat(report.get("heldout").get("uniform-wanda").get("kl").asDouble()).isGreaterThan(report.get("heldout").get("uniform-repaired").get("kl").asDouble());
        assertThat(report.get("repairs")).hasSize(6).allSatisfy(repair -> assertThat(repair.get("damping").asDouble()).isEqualTo(0.1));
        assertThat(report.get("remarks")).anySatisfy(remark -> assertThat(remark.asText()).contains("took more than the usual damping"));
        assertThat(report.get("selection")).filteredOn(candidate -> candidate.get("stage").asText().equals("written files"))
                .isNotEmpty().allSatisfy(candidate -> assertThat(candidate.get("final_pass").asText()).isEqualTo("repaired"));
        assertThat(mesh.document(job.getName(), "plan.json").get("method").asText()).isEqualTo("sparsegpt");
    }

    @Test
    void saysWhoWonOnHeldOutDataAndByHowManyStandardErrors() {
        Job job = mesh.ended(mesh.create(mesh.request()).getName());
        JsonNode report = mesh.document(job.getName(), "report.json");

        assertThat(report.get("remarks")).anySatisfy(remark -> assertThat(remark.asText()).matches("On held-out data what is delivered is the best; next comes \\S+, by [0-9.]+ standard errors.*"));
    }

    @Test
    void fixedRulesAreSearchesOfAFewPlansOfWhichOneOfTheirOwnIsDelivered() {
        for (String search : List.of("uniform", "owl", "arithmetic-progression", "sensitivity")) {
            Job job = mesh.ended(mesh.create(mesh.request().setSearch(search)).getName());
            assertThat(job.getState()).as(job.getMessage()).isEqualTo(JobState.SUCCEEDED);
            JsonNode plan = mesh.document(job.getName(), "plan.json");
            assertThat(plan.get("search").asText()).isEqualTo(search);
            assertThat(plan.get("origin").asText()).isEqualTo(search);
            assertThat(job.getFinishedTrials()).isLessThan(20);
        }
    }

    @Test
    void randomSearchDeliversARandomPlanAndIsComparedWithTheSameBaselines() {
        Job job = mesh.ended(mesh.create(mesh.request().setSearch("random").setTrials(8)).getName());
        assertThat(job.getState()).as(job.getMessage()).isEqualTo(JobState.SUCCEEDED);
        assertThat(job.getFinishedTrials()).isEqualTo(8);
        assertThat(mesh.document(job.getName(), "plan.json").get("origin").asText()).isEqualTo("random");
        assertThat(mesh.document(job.getName(), "report.json").get("heldout").fieldNames()).toIterable()
                .contains("uniform", "uniform-repaired", "arithmetic-progression", "random").doesNotContain("tpe");
    }

    @Test
    void thePapersSearchCountsPlansOverTheBudgetAsTrialsAndDeliversSequentialWandaWithinItsSlack() {
        Job job = mesh.ended(mesh.create(mesh.request().setSearch("paper").setTrials(30)
                .setBudget(Budget.newBuilder().setRatio(0.27))).getName());
        assertThat(job.getState()).as(job.getMessage()).isEqualTo(JobState.SUCCEEDED);
        JsonNode plan = mesh.document(job.getName(), "plan.json");
        assertThat(plan.get("search").asText()).isEqualTo("paper");
        assertThat(plan.get("method").asText()).isEqualTo("wanda");
        assertThat(plan.get("final_pass").asText()).isEqualTo("sequential");
        assertThat(plan.get("budget_bytes").asLong()).isEqualTo((long) (job.getBudgetBytes() * 1.005));
        assertThat(plan.get("bytes").asLong()).isLessThanOrEqualTo(plan.get("budget_bytes").asLong());
        JsonNode search = mesh.document(job.getName(), "report.json").get("search");
        assertThat(search.get("granularity").asText()).isEqualTo("block");
        assertThat(search.get("history")).hasSize(30).filteredOn(trial -> trial.get("outcome").asText().equals("infeasible"))
                .hasSize(search.get("infeasible").asInt()).isNotEmpty().allSatisfy(trial -> assertThat(trial.get("loss").isNull()).isTrue());
        assertThat(mesh.workers.operations.begun).filteredOn(id -> id.contains("/trial/")).hasSize(30 - search.get("infeasible").asInt());
        assertThat(mesh.events(job.getName()).stream().filter(JobEvent::hasTrial).map(event -> event.getTrial().getOutcome())).contains("infeasible", "complete").hasSize(30);
    }

    @Test
    void searchesByWeightAndByBlock() {
        for (String granularity : List.of("weight", "block")) {
            Job job = mesh.ended(mesh.create(mesh.request().setGranularity(granularity)).getName());
            assertThat(job.getState()).as(job.getMessage()).isEqualTo(JobState.SUCCEEDED);
            assertThat(mesh.document(job.getName(), "report.json").get("search").get("granularity").asText()).isEqualTo(granularity);
        }
    }

    @Test
    void searchesOnABankWhereThereIsRoomForOneAndUsesItAgain() {
        mesh.workers.banks = true;
        Job first = mesh.ended(mesh.create(mesh.request().setMethod("sparsegpt")).getName());
        JsonNode report = mesh.document(first.getName(), "report.json");
        assertThat(report.get("elastic").get("form").asText()).isEqualTo("bank");
        assertThat(report.get("elastic").get("built_by").asText()).isEmpty();
        assertThat(report.get("budget").get("left_bytes").asLong()).isBetween(0L, 255L);
        assertThat(report.get("selection")).extracting(candidate -> candidate.get("final_pass").asText()).contains("as-searched", "repaired").doesNotContain("sequential");
        assertThat(report.get("trust").get("rank_correlation").asDouble()).isEqualTo(1);

        Job second = mesh.ended(mesh.create(mesh.request().setMethod("sparsegpt").setBudget(Budget.newBuilder().setRatio(0.5))).getName());
        JsonNode again = mesh.document(second.getName(), "report.json");
        assertThat(again.get("elastic").get("built_by").asText()).isEqualTo(first.getName());
        assertThat(again.get("remarks")).anySatisfy(remark -> assertThat(remark.asText()).contains("used again"));
    }

    @Test
    void saysWhyItDidNotSearchOnABank() {
        Job job = mesh.ended(mesh.create(mesh.request().setMethod("sparsegpt").setFinal("as-searched")).getName());
        JsonNode report = mesh.document(job.getName(), "report.json");
        assertThat(report.get("elastic").get("form").asText()).isEqualTo("level_map");
        assertThat(report.get("remarks")).anySatisfy(remark -> assertThat(remark.asText()).contains("8000000000").contains("1000000000"));
        assertThat(mesh.document(job.getName(), "plan.json").get("final_pass").asText()).isEqualTo("repaired");
    }

    @Test
    void deliversOnlyTheFinalPassThatWasAskedFor() {
        Job job = mesh.ended(mesh.create(mesh.request().setFinal("sequential")).getName());
        JsonNode report = mesh.document(job.getName(), "report.json");

        assertThat(mesh.document(job.getName(), "plan.json").get("final_pass").asText()).isEqualTo("sequential");
        assertThat(report.get("repairs")).isEmpty();
    }

    @Test
    void holdsTheResultAgainstTheThresholdsThatWereGiven() {
        Job job = mesh.ended(mesh.create(mesh.request().setThresholds(Thresholds.newBuilder().setMaxKl(10).setMaxLatencyIncrease(0.25))).getName());
        JsonNode decision = mesh.document(job.getName(), "report.json").get("decision");

        assertThat(decision.get("verdict").asText()).isEqualTo("no-go");
        assertThat(decision.get("checks")).extracting(check -> check.get("name").asText() + " " + check.get("held").asBoolean())
                .containsExactly("max_kl true", "max_latency_increase false");
    }

    @Test
    void showsPicturesOfItsOwnDatasetsOnlyBesideChangedAnswers() {
        Job job = mesh.ended(mesh.create(mesh.request()).getName());
        String page = new String(mesh.file(job.getName(), "report.html"), StandardCharsets.UTF_8);

        assertThat(mesh.document(job.getName(), "report.json").get("changed_answers").get(0).get("pictures")).hasSize(2);
        assertThat(page).contains("data:image/png;base64," + Base64.getEncoder().encodeToString(FakeModel.PICTURE))
                .doesNotContain(Base64.getEncoder().encodeToString(FakeModel.FOREIGN_PICTURE));
    }

    @Test
    void embedsEverythingInAPageThatNoTextCanBreakOutOf() {
        Job job = mesh.ended(mesh.create(mesh.request()).getName());
        String page = new String(mesh.file(job.getName(), "report.html"), StandardCharsets.UTF_8);

        String data = page.substring(page.indexOf("id=\"report\">") + "id=\"report\">".length(), page.indexOf("</script>", page.indexOf("id=\"report\">")));
        assertThat(Json.read(data.getBytes(StandardCharsets.UTF_8))).isEqualTo(mesh.document(job.getName(), "report.json"));
        assertThat(data).doesNotContain("<");
        assertThat(page).doesNotContain("src=\"http", "href=\"http", "@import", "/*report*/", "/*charts*/");
    }
}
