package dev.kogata.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kogata.common.v1.Artifact;
import dev.kogata.common.v1.Budget;
import dev.kogata.common.v1.Reason;
import dev.kogata.common.v1.Workload;
import dev.kogata.kit.error.KogataException;
import dev.kogata.orchestrator.v1.CancelJobRequest;
import dev.kogata.orchestrator.v1.CreateJobRequest;
import dev.kogata.orchestrator.v1.CreateModelRequest;
import dev.kogata.orchestrator.v1.GetJobResultRequest;
import dev.kogata.orchestrator.v1.Job;
import dev.kogata.orchestrator.v1.JobEvent;
import dev.kogata.orchestrator.v1.JobRequest;
import dev.kogata.orchestrator.v1.JobState;
import dev.kogata.orchestrator.v1.ListJobsRequest;
import dev.kogata.orchestrator.v1.ListJobsResponse;
import dev.kogata.orchestrator.v1.ListModelsRequest;
import dev.kogata.orchestrator.v1.Model;
import dev.kogata.orchestrator.v1.WatchJobRequest;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models, datasets and jobs as callers see them over gRPC. Nothing runs: no trial is ever answered. */
class ResourcesTest {

    @TempDir
    Path folder;
    private Mesh mesh;

    @BeforeEach
    void open() throws Exception {
        mesh = new Mesh(folder, Map.of());
        mesh.workers.beforeTask = id -> {
            if (id.endsWith("/profile")) {
                throw new KogataException(Reason.WORKER_LOST, "No worker in this test.");
            }
        };
    }

    @AfterEach
    void close() {
        mesh.close();
    }

    @Test
    void givesTheSameModelForTheSameFiles() {
        Artifact manifest = mesh.manifest("onnx/model.onnx");
        Model first = mesh.orchestrator.createModel(CreateModelRequest.newBuilder().setManifest(manifest).setDisplayName("first").build());
        Model again = mesh.orchestrator.createModel(CreateModelRequest.newBuilder().setManifest(manifest).setDisplayName("again").build());

        assertThat(again).isEqualTo(first);
        assertThat(first.getSha256()).isEqualTo(manifest.getSha256());
        assertThat(first.getSizeBytes()).isEqualTo("content of onnx/model.onnx".length());
        assertThat(first.getInspection()).isEqualTo(FakeModel.INSPECTION);
        assertThat(mesh.orchestrator.listModels(ListModelsRequest.getDefaultInstance()).getModelsList()).containsExactly(first);
    }

    @Test
    void keepsNothingOfAModelThatTheScanRefuses() {
        mesh.workers.beforeTask = id -> {
            throw new KogataException(Reason.LAYOUT_UNKNOWN, "The folder holds no decoder.");
        };
        assertThat(refused(mesh::model).reason()).isEqualTo(Reason.LAYOUT_UNKNOWN);
        assertThat(mesh.orchestrator.listModels(ListModelsRequest.getDefaultInstance()).getModelsCount()).isZero();
    }

    @Test
    void refusesAManifestThatIsNotInTheStore() {
        CreateModelRequest unknown = CreateModelRequest.newBuilder().setManifest(Artifact.newBuilder().setSha256("0".repeat(64))).build();
        assertThat(refused(() -> mesh.orchestrator.createModel(unknown)).reason()).isEqualTo(Reason.NOT_FOUND);
        assertThat(refused(() -> mesh.orchestrator.createModel(CreateModelRequest.getDefaultInstance())).reason()).isEqualTo(Reason.ARGUMENT_INVALID);
    }

    @Test
    @Tag("hostile-55")
    void refusesWhatNoJobCanDo() {
        assertField("model", mesh.request().clearModel());
        assertField("model", mesh.request().setModel("models/../x"));
        assertField("dataset", mesh.request().setDataset("nonsense"));
        assertField("heldout", mesh.request().setHeldout("nonsense"));
        assertField("workload.batch", mesh.request().setWorkload(Workload.newBuilder().setBatch(-1)));
        assertField("workload.context", mesh.request().setWorkload(Workload.newBuilder().setContext(Integer.MAX_VALUE)));
        assertField("format", mesh.request().setFormat("int7"));
        assertField("method", mesh.request().setMethod("guess"));
        assertField("final", mesh.request().setFinal("first"));
        assertField("search", mesh.request().setSearch("guess"));
        assertField("granularity", mesh.request().setGranularity("head"));
        assertField("method", mesh.request().setSearch("paper").setMethod("ria"));
        assertField("granularity", mesh.request().setSearch("paper").setGranularity("weight"));
        assertField("final", mesh.request().setSearch("paper").setFinal("repaired"));
        assertField("budget", mesh.request().setSearch("paper").setBudget(Budget.newBuilder().setWeightsRatio(0.5).setCacheRatio(0.5)));
        assertField("trials", mesh.request().setTrials(1_000_000_000));
        assertField("trials", mesh.request().setTrials(-1));
        assertThat(refused(mesh.request().setModel("models/none")).reason()).isEqualTo(Reason.NOT_FOUND);
        assertThat(refused(mesh.request().setDataset("datasets/none")).reason()).isEqualTo(Reason.NOT_FOUND);
        assertThat(refused(mesh.request().setHeldout("datasets/none")).metadata()).containsEntry("name", "datasets/none");
        assertThat(mesh.orchestrator.listJobs(ListJobsRequest.getDefaultInstance()).getJobsCount()).as("nothing is left behind").isZero();
    }

    @Test
    @Tag("hostile-53")
    void refusesBudgetsThatAreNone() {
        for (Budget budget : List.of(Budget.getDefaultInstance(), Budget.newBuilder().setRatio(0).build(), Budget.newBuilder().setRatio(Double.NaN).build(),
                Budget.newBuilder().setRatio(1.01).build(), Budget.newBuilder().setRatio(Double.POSITIVE_INFINITY).build(), Budget.newBuilder().setBytes(-5).build(),
                Budget.newBuilder().setRatio(0.5).setCacheRatio(0.5).build(), Budget.newBuilder().setWeightsRatio(0.5).build())) {
            assertThat(refused(mesh.request().setBudget(budget)).reason()).as(budget.toString()).isEqualTo(Reason.BUDGET_INVALID);
        }
    }

    @Test
    @Tag("hostile-53")
    void namesTheReachableRangeOfABudgetThatIsTooSmall() {
        KogataException refused = refused(mesh.request().setBudget(Budget.newBuilder().setBytes(6000)));
        assertThat(refused.reason()).isEqualTo(Reason.BUDGET_UNREACHABLE);
        long minimum = Long.parseLong(refused.metadata().get("minimum_bytes"));
        assertThat(refused.getMessage()).contains(Long.toString(minimum));

        Job job = mesh.create(mesh.request().setBudget(Budget.newBuilder().setBytes(minimum)));
        assertThat(job.getBudgetBytes()).isEqualTo(minimum);
    }

    @Test
    void fillsInTheDefaults() {
        JobRequest request = mesh.create(mesh.request().clearTrials().clearSeed().clearMethod()).getRequest();
        assertThat(request.getWorkload()).isEqualTo(Workload.newBuilder().setBatch(1).setContext(1024).build());
        assertThat(request.getFormat()).isEqualTo("portable");
        assertThat(request.getMethod()).isEqualTo("sparsegpt");
        assertThat(request.getFinal()).isEqualTo("best");
        assertThat(request.getTrials()).isEqualTo(100);
        assertThat(request.getSeed()).isEqualTo(7);
    }

    @Test
    @Tag("hostile-59")
    void givesTheSameJobForTheSameKeyHoweverManyAskAtOnce() throws Exception {
        CreateJobRequest request = CreateJobRequest.newBuilder().setJob(mesh.request().clearMethod()).setIdempotencyKey("key 1").build();
        ExecutorService threads = Executors.newFixedThreadPool(16);
        List<Callable<Job>> calls = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            calls.add(() -> mesh.orchestrator.createJob(request));
        }
        List<String> names = new ArrayList<>();
        for (Future<Job> call : threads.invokeAll(calls)) {
            names.add(call.get().getName());
        }
        threads.shutdown();

        assertThat(names).hasSize(50).containsOnly(names.get(0));
        assertThat(mesh.orchestrator.listJobs(ListJobsRequest.getDefaultInstance()).getJobsCount()).isEqualTo(1);
        CreateJobRequest withDefaultsSpelledOut = request.toBuilder().setJob(request.getJob().toBuilder().setMethod("sparsegpt")).build();
        assertThat(mesh.orchestrator.createJob(withDefaultsSpelledOut).getName()).isEqualTo(names.get(0));
        CreateJobRequest other = request.toBuilder().setJob(request.getJob().toBuilder().setSeed(12)).build();
        assertThat(refused(() -> mesh.orchestrator.createJob(other)).reason()).isEqualTo(Reason.IDEMPOTENCY_CONFLICT);
    }

    @Test
    void listsJobsInPagesNewestFirst() {
        List<String> created = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            created.add(0, mesh.create(mesh.request()).getName());
        }
        List<String> listed = new ArrayList<>();
        String token = "";
        do {
            ListJobsResponse page = mesh.orchestrator.listJobs(ListJobsRequest.newBuilder().setPageSize(2).setPageToken(token).build());
            page.getJobsList().forEach(job -> listed.add(job.getName()));
            token = page.getNextPageToken();
        } while (!token.isEmpty());
        assertThat(listed).isEqualTo(created);
        created.forEach(mesh::ended);
        assertThat(mesh.orchestrator.listJobs(ListJobsRequest.newBuilder().setFilter("active").build()).getJobsCount()).isZero();
        assertThat(mesh.orchestrator.listJobs(ListJobsRequest.newBuilder().setFilter("state=FAILED").build()).getJobsCount()).isEqualTo(5);
        assertThat(refused(() -> mesh.orchestrator.listJobs(ListJobsRequest.newBuilder().setFilter("colour=red").build())).metadata()).containsEntry("field", "filter");
        assertThat(refused(() -> mesh.orchestrator.listJobs(ListJobsRequest.newBuilder().setPageToken("%").build())).metadata()).containsEntry("field", "page_token");
    }

    @Test
    void saysWhyThereIsNoResult() {
        Job job = mesh.ended(mesh.create(mesh.request()).getName());
        KogataException refused = refused(() -> mesh.orchestrator.getJobResult(GetJobResultRequest.newBuilder().setName(job.getName()).build()));
        assertThat(refused.reason()).isEqualTo(Reason.STATE_WRONG);
        assertThat(refused.metadata()).containsEntry("state", "FAILED");
        assertThat(refused(() -> mesh.job("jobs/none")).reason()).isEqualTo(Reason.NOT_FOUND);
        assertThat(refused(() -> mesh.events("jobs/none")).reason()).isEqualTo(Reason.NOT_FOUND);
    }

    @Test
    void watchesFromAnyEventOnAndEnds() {
        Job job = mesh.ended(mesh.create(mesh.request()).getName());
        List<JobEvent> all = mesh.events(job.getName());
        List<JobEvent> rest = new ArrayList<>();
        mesh.orchestrator.watchJob(WatchJobRequest.newBuilder().setName(job.getName()).setAfterSequence(2).build()).forEachRemaining(rest::add);
        assertThat(rest).isEqualTo(all.subList(2, all.size()));
        List<JobEvent> none = new ArrayList<>();
        mesh.orchestrator.watchJob(WatchJobRequest.newBuilder().setName(job.getName()).setAfterSequence(job.getLastSequence()).build()).forEachRemaining(none::add);
        assertThat(none).isEmpty();
    }

    @Test
    void leavesAnEndedJobAsItIsWhenItIsCancelled() {
        Job job = mesh.ended(mesh.create(mesh.request()).getName());
        assertThat(mesh.orchestrator.cancelJob(CancelJobRequest.newBuilder().setName(job.getName()).build())).isEqualTo(job);
        assertThat(job.getState()).isEqualTo(JobState.FAILED);
    }

    private void assertField(String field, JobRequest.Builder request) {
        KogataException refused = refused(request);
        assertThat(refused.reason()).isEqualTo(Reason.ARGUMENT_INVALID);
        assertThat(refused.metadata()).containsEntry("field", field);
        assertThat(refused.getMessage()).as("one sentence").endsWith(".").doesNotContain("\n");
    }

    private KogataException refused(JobRequest.Builder request) {
        return refused(() -> mesh.create(request));
    }

    private static KogataException refused(ThrowingCallable call) {
        StatusRuntimeException error = catchThrowableOfType(StatusRuntimeException.class, call);
        assertThat(error).as("nothing was refused").isNotNull();
        return KogataException.of(error);
    }
}
