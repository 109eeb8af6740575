package dev.kogata.gateway.json;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import dev.kogata.common.v1.Artifact;
import dev.kogata.common.v1.Reason;
import dev.kogata.kit.error.KogataException;
import dev.kogata.orchestrator.v1.Job;
import dev.kogata.orchestrator.v1.JobRequest;
import dev.kogata.orchestrator.v1.JobState;
import dev.kogata.orchestrator.v1.Model;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProtoJsonTest {
    @Test
    void printsNamesOfTheProtosAndSizesAsNumbers() {
        Model model = Model.newBuilder().setName("models/m").setSizeBytes(6_000_000_000L)
            .setManifest(Artifact.newBuilder().setSizeBytes(7)).setCreateTime(Timestamp.newBuilder().setSeconds(1)).build();
        assertThat(ProtoJson.print(model)).contains("\"size_bytes\":6000000000", "\"manifest\":{", "\"size_bytes\":7",
            "\"create_time\":\"1970-01-01T00:00:01Z\"", "\"display_name\":\"\"");
    }

    @Test
    void printsUnsignedSeedsWhole() {
        Job job = Job.newBuilder().setState(JobState.QUEUED).setRequest(JobRequest.newBuilder().setSeed(-1)).build();
        assertThat(ProtoJson.print(job)).contains("\"seed\":18446744073709551615", "\"state\":\"QUEUED\"", "\"finished_trials\":0");
    }

    @Test
    void printsWhyAJobFailed() {
        Job job = Job.newBuilder().setError(new KogataException(Reason.WORKER_LOST, "Lost.", Map.of("task", "t")).toStatus()).build();
        assertThat(ProtoJson.print(job)).contains("\"reason\":\"WORKER_LOST\"", "\"task\":\"t\"", "\"message\":\"Lost.\"");
    }

    @Test
    void printsLists() {
        assertThat(ProtoJson.print(List.of())).isEqualTo("[]");
    }
}
