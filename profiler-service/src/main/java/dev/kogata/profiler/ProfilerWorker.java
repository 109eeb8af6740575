package dev.kogata.profiler;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import dev.kogata.kit.error.KogataException;
import dev.kogata.kit.worker.TaskContext;
import dev.kogata.kit.worker.TaskHandler;
import dev.kogata.onnx.score.ModelRuns;
import dev.kogata.profiler.v1.ProfileModelRequest;
import dev.kogata.profiler.v1.SampleModelRequest;

/** Does the profiler's tasks. Thread-safe. */
public final class ProfilerWorker implements TaskHandler {
    /** Type of the tasks that it does. */
    public static final String TYPE = "profile";

    private final int threads;

    /** @param threads threads that one pass of a model may use */
    public ProfilerWorker(int threads) {
        this.threads = threads;
    }

    @Override
    public Message run(Any request, TaskContext context) throws Exception {
        Thread model = Thread.currentThread();
        context.onStop(() -> ModelRuns.stop(model));
        if (request.is(ProfileModelRequest.class)) {
            return new ProfileTask(context, threads).run(request.unpack(ProfileModelRequest.class));
        }
        if (request.is(SampleModelRequest.class)) {
            return new SampleTask(context, threads).run(request.unpack(SampleModelRequest.class));
        }
        throw KogataException.invalid("request", "The profiler does not know requests of type " + request.getTypeUrl() + ".");
    }
}
