package dev.kogata.quantizer;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import dev.kogata.kit.error.KogataException;
import dev.kogata.kit.worker.TaskContext;
import dev.kogata.kit.worker.TaskHandler;
import dev.kogata.onnx.score.ModelRuns;
import dev.kogata.quantizer.v1.CalibrateCacheRequest;
import dev.kogata.quantizer.v1.MeasureCacheSensitivityRequest;
import dev.kogata.quantizer.v1.WriteBundleRequest;

/** Does the quantizer's tasks: finds out which of them one is. Thread-safe. */
public final class QuantizerWorker implements TaskHandler {
    /** Type of the tasks that it does. */
    public static final String TYPE = "quantize";

    private final int threads;

    /** @param threads threads that one pass of a model may use */
    public QuantizerWorker(int threads) {
        this.threads = threads;
    }

    @Override
    public Message run(Any request, TaskContext context) throws Exception {
        Thread model = Thread.currentThread();
        context.onStop(() -> ModelRuns.stop(model));
        if (request.is(CalibrateCacheRequest.class)) {
            return new CalibrateTask(context, threads).run(request.unpack(CalibrateCacheRequest.class));
        }
        if (request.is(MeasureCacheSensitivityRequest.class)) {
            return new SensitivityTask(context, threads).run(request.unpack(MeasureCacheSensitivityRequest.class));
        }
        if (request.is(WriteBundleRequest.class)) {
            return new WriteBundleTask(context).run(request.unpack(WriteBundleRequest.class));
        }
        throw KogataException.invalid("request", "The quantizer does not know requests of type " + request.getTypeUrl() + ".");
    }
}
