package dev.kogata.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The job does not know whether the services share a process: here each has its own, and its own database. */
class SeparateServicesTest {

    @TempDir Path folder;

    @Test
    void sixServicesAndFourWorkersInProcessesOfTheirOwnDoTheWholeJob() throws Exception {
        Path calibration = SmallData.first(24, "calibration", folder.resolve("data"));
        try (SeparateServices mesh = SeparateServices.start(folder.resolve("mesh"))) {
            Kogata.Run run = Kogata.run(Map.of("KOGATA_SERVER", mesh.server()),
                    "compress", CompressTest.MODEL.toString(), "--budget", "60%", "--out", folder.resolve("out").toString(),
                    "--data", calibration.toString(), "--trials", "6", "--context", "256");
            assertThat(run.exit()).as(run.toString()).isZero();
        }
        assertThat(Kogata.run(Map.of(), "verify", folder.resolve("out").toString()).exit()).isZero();
    }
}
