package dev.kogata.bench.scale;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The simulation does what it says; its figures are no matter of tests. */
class SimulatedMeshTest {
    @Test
    void everyTaskOfEveryJobIsDoneOnceThoughAttemptsFail() throws Exception {
        String line = TaskTableMain.measured(new SimulatedMesh.Setting(4, 5, 3, 2, 1, 750, 0.1, 0, 7),
                TaskTableMain.config("jdbc:h2:mem:simulated", "127.0.0.1:1", 4), 4, 120);
        assertThat(line).contains("\"finished\":15,");
    }
}
