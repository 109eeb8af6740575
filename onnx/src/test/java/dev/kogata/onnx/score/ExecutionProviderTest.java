package dev.kogata.onnx.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtProvider;
import dev.kogata.core.RefusedInput;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class ExecutionProviderTest {
    @Test
    void aGpuIsRefusedWhereOnnxRuntimeWasBuiltWithoutOne() {
        // Loads the library as it has to be.
        assertThat(Sessions.environment()).isNotNull();
        Assumptions.assumeFalse(OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA), "this build is for GPUs");
        RefusedInput refused = catchThrowableOfType(RefusedInput.class, () -> Sessions.use(ExecutionProvider.CUDA));
        assertThat(refused).hasMessageContaining("kogata.worker.provider").hasMessageContaining("-Pgpu");
        assertThat(Sessions.provider()).as("nothing has changed").isEqualTo(ExecutionProvider.CPU);
    }
}
