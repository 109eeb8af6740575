package dev.kogata.gateway.json;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.kogata.common.v1.Reason;
import dev.kogata.kit.error.KogataException;
import dev.kogata.orchestrator.v1.JobRequest;
import java.io.ByteArrayInputStream;

/** Any bytes in place of the body that asks for a job: a request, or a refusal that names the field. */
class BodyFuzzTest {

    private static final StrictJson JSON = new StrictJson(64 << 10);

    @FuzzTest(maxDuration = "5m")
    void aBodyIsARequestOrRefused(byte[] bytes) {
        try {
            JobRequest request = StrictJson.merge(JSON.object(new ByteArrayInputStream(bytes)), JobRequest.newBuilder()).build();
            assertThat(ProtoJson.print(request)).startsWith("{");
        } catch (KogataException refused) {
            assertThat(refused.reason()).isIn(Reason.ARGUMENT_INVALID, Reason.LIMIT_EXCEEDED);
            assertThat(refused).hasMessageNotContainingAny("dev.kogata", "java.", "com.fasterxml", "com.google");
        }
    }
}
