package dev.kogata.orchestrator;

import static dev.kogata.kit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kogata.common.v1.Artifact;
import dev.kogata.common.v1.Manifest;
import dev.kogata.common.v1.ManifestFile;
import dev.kogata.common.v1.Reason;
import dev.kogata.kit.artifact.Artifacts;
import dev.kogata.kit.artifact.Manifests;
import dev.kogata.kit.artifact.Sha256;
import dev.kogata.kit.error.KogataException;
import dev.kogata.orchestrator.v1.CancelJobRequest;
import dev.kogata.orchestrator.v1.CreateModelRequest;
import dev.kogata.orchestrator.v1.DeleteDatasetRequest;
import dev.kogata.orchestrator.v1.DeleteJobRequest;
import dev.kogata.orchestrator.v1.DeleteModelRequest;
import dev.kogata.orchestrator.v1.GetJobRequest;
import dev.kogata.orchestrator.v1.GetJobResultRequest;
import dev.kogata.orchestrator.v1.GetModelRequest;
import dev.kogata.orchestrator.v1.GetUsageRequest;
import dev.kogata.orchestrator.v1.Job;
import dev.kogata.orchestrator.v1.JobState;
import dev.kogata.orchestrator.v1.Model;
import dev.kogata.orchestrator.v1.OrchestratorServiceGrpc.OrchestratorServiceBlockingStub;
import io.grpc.StatusRuntimeException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What somebody deletes is gone for them, and its bytes are when nothing else needs them. */
class DeletionTest {
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
    void whatAJobNeedsStaysUntilTheJobHasEnded() {
        CountDownLatch release = new CountDownLatch(1);
        mesh.workers.beforeTask = id -> {
            if (id.endsWith("/profile")) {
                await(release);
            }
        };
        Job job = mesh.create(mesh.request());
        String model = job.getRequest().getModel();
        KogataException inUse = refused(() -> delete(mesh.orchestrator, model));
        assertThat(inUse.reason()).isEqualTo(Reason.IN_USE);
        assertThat(inUse).hasMessageContaining(model).hasMessageContaining(job.getName()).hasMessageContaining("cancel");
        assertThat(refused(() -> delete(mesh.orchestrator, job.getRequest().getDataset())).metadata()).containsEntry("job", job.getName());
        assertThat(refused(() -> delete(mesh.orchestrator, job.getName()))).hasMessageContaining("cancel it first").returns(Reason.STATE_WRONG, KogataException::reason);

        mesh.orchestrator.cancelJob(CancelJobRequest.newBuilder().setName(job.getName()).build());
        release.countDown();
        delete(mesh.orchestrator, model);
        delete(mesh.orchestrator, job.getRequest().getDataset());
        eventually(() -> delete(mesh.orchestrator, job.getName()));
        assertThat(reason(() -> mesh.orchestrator.getModel(GetModelRequest.newBuilder().setName(model).build()))).isEqualTo(Reason.NOT_FOUND);
        assertThat(reason(() -> mesh.orchestrator.getJob(GetJobRequest.newBuilder().setName(job.getName()).build()))).isEqualTo(Reason.NOT_FOUND);
        assertThat(reason(() -> mesh.create(job.getRequest().toBuilder()))).as("a job of what is gone").isEqualTo(Reason.NOT_FOUND);
    }

    @Test
    void deletingAgainIsNoErrorAndWhatNeverWasOrIsAnothersIsNotFound() {
        var acme = mesh.as("acme");
        String model = acme.createModel(CreateModelRequest.newBuilder().setManifest(mesh.manifest(FakeModel.FILE)).build()).getName();
        assertThat(acme.getUsage(GetUsageRequest.getDefaultInstance()).getBytes()).isPositive();
        assertThat(reason(() -> delete(mesh.as("rival"), model))).isEqualTo(Reason.NOT_FOUND);
        delete(acme, model);
        delete(acme, model);
        assertThat(acme.getUsage(GetUsageRequest.getDefaultInstance()).getBytes()).as("the quota is given back at once").isZero();
        for (String never : List.of("models/never", "datasets/never", "jobs/never")) {
            assertThat(reason(() -> delete(acme, never))).isEqualTo(Reason.NOT_FOUND);
        }
        assertThat(reason(() -> delete(mesh.as("rival"), model))).as("also of what was another's").isEqualTo(Reason.NOT_FOUND);
    }

    @Test
    void bytesGoWithTheLastThatNeedsThem() throws Exception {
        Artifact shared = bytes("shared");
        Model one = model(shared, bytes("of one"));
        Model other = model(shared, bytes("of the other"));
        try (InputStream begun = mesh.artifacts.open(bytes("of one").getSha256())) {
            delete(mesh.orchestrator, one.getName());
            eventually(() -> assertThat(mesh.artifacts.exists(bytesOf("of one"))).isFalse());
            assertThat(begun.readAllBytes()).as("a download that has begun is whole").isEqualTo("of one".getBytes(StandardCharsets.UTF_8));
        }
        assertThat(mesh.artifacts.exists(one.getSha256())).as("its manifest").isFalse();
        assertThat(mesh.artifacts.exists(shared.getSha256())).isTrue();
        assertThat(mesh.artifacts.exists(other.getSha256())).isTrue();

        delete(mesh.orchestrator, other.getName());
        eventually(() -> assertThat(mesh.artifacts.exists(shared.getSha256())).isFalse());
        assertThat(model(bytes("shared"), bytes("of one")).getSha256()).as("and can be sent again").isEqualTo(one.getSha256());
    }

    @Test
    void aDeletedJobTakesItsResultAlongAndNothingOfOthers() {
        Job job = mesh.ended(mesh.create(mesh.request()).getName());
        Job other = mesh.ended(mesh.create(mesh.request().setSeed(12).setMethod("ria")).getName());
        assertThat(List.of(job, other)).extracting(Job::getState).containsOnly(JobState.SUCCEEDED);
        List<String> own = files(job).stream().filter(sha256 -> !files(other).contains(sha256)).toList();
        List<String> others = files(other);
        assertThat(own).isNotEmpty().allMatch(mesh.artifacts::exists);

        eventually(() -> delete(mesh.orchestrator, job.getName()));
        eventually(() -> assertThat(own).filteredOn(sha256 -> !inputs(job).contains(sha256)).noneMatch(mesh.artifacts::exists));
        assertThat(others).allMatch(mesh.artifacts::exists);
        assertThat(inputs(other)).isNotEmpty().allMatch(mesh.artifacts::exists);
        assertThat(mesh.ended(mesh.create(mesh.request()).getName()).getState()).as("the same job again").isEqualTo(JobState.SUCCEEDED);
    }

    private List<String> files(Job job) {
        return mesh.orchestrator.getJobResult(GetJobResultRequest.newBuilder().setName(job.getName()).build()).getFilesList().stream().map(ManifestFile::getSha256).toList();
    }

    private List<String> inputs(Job job) {
        Model model = mesh.orchestrator.getModel(GetModelRequest.newBuilder().setName(job.getRequest().getModel()).build());
        return new Manifests(mesh.artifacts).read(model.getManifest()).getFilesList().stream().map(ManifestFile::getSha256).toList();
    }

    private Model model(Artifact one, Artifact other) {
        return mesh.orchestrator.createModel(CreateModelRequest.newBuilder().setManifest(new Manifests(mesh.artifacts).write(Manifest.newBuilder()
                .addFiles(Manifests.entry("a", one)).addFiles(Manifests.entry("b", other)).build())).build());
    }

    private Artifact bytes(String content) {
        return mesh.artifacts.put(content.getBytes(StandardCharsets.UTF_8), Artifacts.BYTES);
    }

    private static String bytesOf(String content) {
        return Sha256.of(content.getBytes(StandardCharsets.UTF_8));
    }

    private static void delete(OrchestratorServiceBlockingStub orchestrator, String name) {
        switch (name.substring(0, name.indexOf('/'))) {
            case "models" -> orchestrator.deleteModel(DeleteModelRequest.newBuilder().setName(name).build());
            case "datasets" -> orchestrator.deleteDataset(DeleteDatasetRequest.newBuilder().setName(name).build());
            case "jobs" -> orchestrator.deleteJob(DeleteJobRequest.newBuilder().setName(name).build());
            default -> throw new IllegalArgumentException(name);
        }
    }

    private static Reason reason(ThrowingCallable call) {
        return refused(call).reason();
    }

    private static KogataException refused(ThrowingCallable call) {
        StatusRuntimeException error = catchThrowableOfType(StatusRuntimeException.class, call);
        assertThat(error).as("nothing was refused").isNotNull();
        return KogataException.of(error);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
