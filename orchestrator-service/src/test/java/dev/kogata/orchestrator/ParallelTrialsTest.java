package dev.kogata.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kogata.orchestrator.v1.Job;
import dev.kogata.orchestrator.v1.JobState;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several trials of one job at once. */
class ParallelTrialsTest {

    @TempDir
    Path folder;

    @Test
    void measuresEachTrialOnceHoweverManyRunTogether() throws Exception {
        try (Mesh mesh = new Mesh(folder, Map.of("kogata.jobs.trials-at-once", "4"))) {
            Job job = mesh.ended(mesh.create(mesh.request()).getName());
            assertThat(job.getState()).isEqualTo(JobState.SUCCEEDED);
            assertThat(job.getFinishedTrials()).isEqualTo(20);
            assertThat(mesh.workers.operations.begun).doesNotHaveDuplicates().filteredOn(id -> id.contains("/trial/")).hasSize(20);
        }
    }
}
