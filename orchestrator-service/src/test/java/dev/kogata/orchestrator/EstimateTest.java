package dev.kogata.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kogata.common.v1.Budget;
import dev.kogata.common.v1.Reason;
import dev.kogata.kit.error.KogataException;
import dev.kogata.orchestrator.v1.EstimateJobRequest;
import dev.kogata.orchestrator.v1.Job;
import dev.kogata.orchestrator.v1.JobEstimate;
import dev.kogata.orchestrator.v1.JobRequest;
import dev.kogata.orchestrator.v1.JobState;
import dev.kogata.orchestrator.v1.ListJobsRequest;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EstimateTest {
    @TempDir
    Path folder;
    private Mesh mesh;

    @BeforeEach
    void open() throws Exception {
        mesh = new Mesh(folder, Map.of("kogata.quota.trials", "1000"));
    }

    @AfterEach
    void close() {
        mesh.close();
    }

    @Test
    void saysWhatTheBudgetReachesAndThatTheTimeIsUnknownWhereNothingWasMeasured() {
        JobEstimate estimate = estimate(mesh.request().setTrials(500));
        assertThat(estimate.getBudgetBytes()).isBetween(estimate.getMinimumBytes(), estimate.getMaximumBytes());
        assertThat(estimate.getMaximumBytes()).isLessThanOrEqualTo(estimate.getDenseBytes());
        assertThat(estimate.getMemoryBytes()).isPositive();
        assertThat(estimate.hasTrialSeconds()).isFalse();
        assertThat(estimate.hasTotalSeconds()).isFalse();
        assertThat(estimate.getNotesList()).anyMatch(note -> note.contains("unknown"));
        assertThat(estimate.getTrialsLeft()).isEqualTo(1000);
        assertThat(mesh.orchestrator.listJobs(ListJobsRequest.getDefaultInstance()).getJobsCount()).as("jobs started").isZero();
    }

    @Test
    void tellsTheTimeFromEarlierJobsOfTheSameModel() {
        Job earlier = mesh.ended(mesh.create(mesh.request().setTrials(12)).getName());
        assertThat(earlier.getState()).as(earlier.getMessage()).isEqualTo(JobState.SUCCEEDED);
        JobEstimate estimate = estimate(mesh.request().setTrials(40));
        assertThat(estimate.getTrialSeconds()).isEqualTo(FakeMesh.TRIAL_SECONDS);
        assertThat(estimate.getMeasuredTrials()).isGreaterThanOrEqualTo(12);
        assertThat(estimate.getSearchSeconds()).isEqualTo(40 * FakeMesh.TRIAL_SECONDS);
        assertThat(estimate.getTotalSeconds()).isEqualTo(estimate.getSearchSeconds() + estimate.getOtherSeconds());
    }

    @Test
    void estimatesWithoutADatasetAndRefusesWhatNoJobCouldReach() {
        assertThat(estimate(mesh.request().clearDataset()).getTrials()).isEqualTo(20);
        StatusRuntimeException refused = catchThrowableOfType(StatusRuntimeException.class,
                () -> estimate(mesh.request().setBudget(Budget.newBuilder().setRatio(0.0001))));
        assertThat(KogataException.of(refused).reason()).isEqualTo(Reason.BUDGET_UNREACHABLE);
        assertThat(KogataException.of(refused).metadata()).containsKeys("minimum_bytes", "maximum_bytes");
        StatusRuntimeException unknown = catchThrowableOfType(StatusRuntimeException.class, () -> estimate(mesh.request().setModel("models/none")));
        assertThat(KogataException.of(unknown).reason()).isEqualTo(Reason.NOT_FOUND);
    }

    private JobEstimate estimate(JobRequest.Builder job) {
        return mesh.orchestrator.estimateJob(EstimateJobRequest.newBuilder().setJob(job).build());
    }
}
