package dev.kogata.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kogata.common.v1.Budget;
import dev.kogata.common.v1.Reason;
import dev.kogata.kit.error.KogataException;
import dev.kogata.orchestrator.v1.CancelJobRequest;
import dev.kogata.orchestrator.v1.CreateDatasetRequest;
import dev.kogata.orchestrator.v1.CreateJobRequest;
import dev.kogata.orchestrator.v1.CreateModelRequest;
import dev.kogata.orchestrator.v1.GetDatasetRequest;
import dev.kogata.orchestrator.v1.GetJobRequest;
import dev.kogata.orchestrator.v1.GetJobResultRequest;
import dev.kogata.orchestrator.v1.GetModelRequest;
import dev.kogata.orchestrator.v1.GetUsageRequest;
import dev.kogata.orchestrator.v1.Job;
import dev.kogata.orchestrator.v1.JobRequest;
import dev.kogata.orchestrator.v1.ListDatasetsRequest;
import dev.kogata.orchestrator.v1.ListJobsRequest;
import dev.kogata.orchestrator.v1.ListModelsRequest;
import dev.kogata.orchestrator.v1.OrchestratorServiceGrpc.OrchestratorServiceBlockingStub;
import dev.kogata.orchestrator.v1.Usage;
import dev.kogata.orchestrator.v1.WatchJobRequest;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What belongs to one tenant does not exist for another, and nobody takes more than their share. Nothing runs. */
class TenantsTest {
    @TempDir
    Path folder;
    private Mesh mesh;

    @BeforeEach
    void open() throws Exception {
        mesh = new Mesh(folder, Map.of("kogata.quota.tenants.\"small\".jobs", "2", "kogata.quota.tenants.\"short\".trials", "50",
                "kogata.quota.tenants.\"tiny\".bytes", "5"));
        mesh.workers.beforeStart = id -> {
            if (id.endsWith("/profile")) {
                // Waited for: jobs go on, and do not end.
                throw new KogataException(Reason.UNAVAILABLE, "No worker in this test.");
            }
        };
    }

    @AfterEach
    void close() {
        mesh.close();
    }

    @Test
    void nothingOfOneTenantExistsForAnother() {
        var acme = mesh.as("acme");
        var rival = mesh.as("rival");
        Job job = job(acme, "", 5);
        JobRequest request = job.getRequest();

        assertThat(List.of(
                reason(() -> rival.getModel(GetModelRequest.newBuilder().setName(request.getModel()).build())),
                reason(() -> rival.getDataset(GetDatasetRequest.newBuilder().setName(request.getDataset()).build())),
                reason(() -> rival.getJob(GetJobRequest.newBuilder().setName(job.getName()).build())),
                reason(() -> rival.cancelJob(CancelJobRequest.newBuilder().setName(job.getName()).build())),
                reason(() -> rival.watchJob(WatchJobRequest.newBuilder().setName(job.getName()).build()).hasNext()),
                reason(() -> rival.getJobResult(GetJobResultRequest.newBuilder().setName(job.getName()).build())),
                reason(() -> rival.createJob(CreateJobRequest.newBuilder().setJob(request).build())))).containsOnly(Reason.NOT_FOUND);
        assertThat(rival.listModels(ListModelsRequest.getDefaultInstance()).getModelsList()).isEmpty();
        assertThat(rival.listDatasets(ListDatasetsRequest.getDefaultInstance()).getDatasetsList()).isEmpty();
        assertThat(rival.listJobs(ListJobsRequest.getDefaultInstance()).getJobsList()).isEmpty();
        assertThat(mesh.orchestrator.listJobs(ListJobsRequest.getDefaultInstance()).getJobsList()).as("of the default tenant").isEmpty();
        assertThat(acme.getJob(GetJobRequest.newBuilder().setName(job.getName()).build()).getName()).isEqualTo(job.getName());
    }

    @Test
    void theSameFilesAndKeysOfTwoTenantsAreTwoThings() {
        Job one = job(mesh.as("acme"), "key", 5);
        Job other = job(mesh.as("rival"), "key", 5);

        assertThat(other.getName()).isNotEqualTo(one.getName());
        assertThat(other.getRequest().getModel()).isNotEqualTo(one.getRequest().getModel());
    }

    @Test
    void refusesMoreJobsThanTheTenantMayHaveAtOnceUntilOneHasEnded() {
        var small = mesh.as("small");
        Job first = job(small, "first", 5);
        job(small, "", 5);
        KogataException refused = refused(() -> job(small, "", 5));
        assertThat(refused.reason()).isEqualTo(Reason.QUOTA_EXCEEDED);
        assertThat(refused.metadata()).containsEntry("quota", "jobs").containsEntry("limit", "2").containsEntry("used", "2");
        assertThat(job(small, "first", 5).getName()).as("asked again by its key").isEqualTo(first.getName());
        assertThat(job(mesh.as("large"), "", 5).getName()).isNotEmpty();

        small.cancelJob(CancelJobRequest.newBuilder().setName(first.getName()).build());
        assertThat(job(small, "", 5).getName()).isNotEmpty();
    }

    @Test
    void refusesMoreTrialsThanTheTenantMayHaveAtOnce() {
        var tenant = mesh.as("short");
        job(tenant, "", 30);
        assertThat(refused(() -> job(tenant, "", 21)).metadata()).containsEntry("quota", "trials").containsEntry("used", "30");
        job(tenant, "", 20);
        Usage usage = tenant.getUsage(GetUsageRequest.getDefaultInstance());
        assertThat(usage.getTrials()).isEqualTo(50);
        assertThat(usage.getTrialsLimit()).isEqualTo(50);
        assertThat(usage.getJobs()).isEqualTo(2);
        assertThat(usage.getBytes()).isPositive();
    }

    @Test
    void refusesMoreBytesThanTheTenantMayHave() {
        KogataException refused = refused(() -> mesh.as("tiny").createModel(
                CreateModelRequest.newBuilder().setManifest(mesh.manifest(FakeModel.FILE)).build()));
        assertThat(refused.reason()).isEqualTo(Reason.QUOTA_EXCEEDED);
        assertThat(refused.metadata()).containsEntry("quota", "bytes").containsEntry("limit", "5");
    }

    @Test
    void filtersModelsByNameAndContent() {
        var acme = mesh.as("acme");
        String name = acme.createModel(CreateModelRequest.newBuilder().setManifest(mesh.manifest(FakeModel.FILE)).setDisplayName("one = a").build()).getName();
        assertThat(acme.listModels(ListModelsRequest.newBuilder().setFilter("display_name=one = a").build()).getModels(0).getName()).isEqualTo(name);
        assertThat(acme.listModels(ListModelsRequest.newBuilder().setFilter("display_name=other").build()).getModelsCount()).isZero();
        assertThat(refused(() -> acme.listModels(ListModelsRequest.newBuilder().setFilter("resource=x").build())).metadata()).containsEntry("field", "filter");
    }

    private Job job(OrchestratorServiceBlockingStub tenant, String key, int trials) {
        String model = tenant.createModel(CreateModelRequest.newBuilder().setManifest(mesh.manifest(FakeModel.FILE)).build()).getName();
        String dataset = tenant.createDataset(CreateDatasetRequest.newBuilder().setManifest(mesh.manifest("data.jsonl")).build()).getName();
        return tenant.createJob(CreateJobRequest.newBuilder().setIdempotencyKey(key).setJob(JobRequest.newBuilder().setModel(model).setDataset(dataset)
                .setBudget(Budget.newBuilder().setRatio(0.5)).setTrials(trials)).build());
    }

    private static Reason reason(ThrowingCallable call) {
        return refused(call).reason();
    }

    private static KogataException refused(ThrowingCallable call) {
        StatusRuntimeException error = catchThrowableOfType(StatusRuntimeException.class, call);
        assertThat(error).as("nothing was refused").isNotNull();
        return KogataException.of(error);
    }
}
