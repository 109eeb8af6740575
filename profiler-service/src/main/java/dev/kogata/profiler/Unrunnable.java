package dev.kogata.profiler;

import ai.onnxruntime.OrtException;
import dev.kogata.core.RefusedInput;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.bundle.Component;
import java.util.Map;
import org.jboss.logging.Logger;

/** Tells models that ONNX Runtime cannot run from trouble that may be over at the next attempt. */
final class Unrunnable {
    private static final Logger LOG = Logger.getLogger(Unrunnable.class);

    private Unrunnable() {
    }

    /** What ONNX Runtime says names its own sources and files of this machine: it stays the cause, and goes to the log. */
    static Exception meaning(Bundle bundle, Exception e) {
        Throwable cause = e instanceof OrtException ? e : e.getCause();
        // Memory may be there at the next attempt; everything else is the model's.
        if (!(cause instanceof OrtException) || String.valueOf(cause.getMessage()).contains("allocate")) {
            return e;
        }
        LOG.warn("the original model cannot be run", e);
        if (bundle.decoder().isEmpty()) {
            String encoder = bundle.model(Component.Kind.VISION_ENCODER).orElseThrow().name();
            return new RefusedInput("MODEL_UNSUPPORTED", ("ONNX Runtime cannot run the vision encoder %s on a picture of the size that its preprocessor makes on a CPU; "
                    + "export it so that it can.").formatted(encoder), Map.of("file", encoder));
        }
        String decoder = bundle.decoder().orElseThrow().name();
        return new RefusedInput("MODEL_UNSUPPORTED", ("ONNX Runtime cannot run the decoder %s over whole sequences with empty caches on a CPU; "
                + "export it so that it can.").formatted(decoder), Map.of("file", decoder));
    }
}
