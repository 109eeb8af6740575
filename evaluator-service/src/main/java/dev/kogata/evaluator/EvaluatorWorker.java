package dev.kogata.evaluator;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import dev.kogata.evaluator.v1.EvaluateBundleRequest;
import dev.kogata.evaluator.v1.EvaluatePlanRequest;
import dev.kogata.evaluator.v1.VerifyResultRequest;
import dev.kogata.kit.error.KogataException;
import dev.kogata.kit.worker.TaskContext;
import dev.kogata.kit.worker.TaskHandler;
import dev.kogata.onnx.score.ModelRuns;

/**
 * Does the evaluator's tasks: finds out which of them one is. Keeps the session of the last search at hand, so that a
 * trial costs a forward pass and no more. Thread-safe.
 */
public final class EvaluatorWorker implements TaskHandler {
    /** Type of the tasks that it does. */
    public static final String TYPE = "evaluate";

    private final int threads;
    private final ElasticModels models = new ElasticModels();
    private final SampleSets samples = new SampleSets();

    /** @param threads threads that one pass of a model may use */
    public EvaluatorWorker(int threads) {
        this.threads = threads;
    }

    @Override
    public Message run(Any request, TaskContext context) throws Exception {
        Thread model = Thread.currentThread();
        context.onStop(() -> ModelRuns.stop(model));
        if (request.is(EvaluatePlanRequest.class)) {
            return new EvaluatePlanTask(context, models, samples, threads).run(request.unpack(EvaluatePlanRequest.class));
        }
        if (request.is(EvaluateBundleRequest.class)) {
            return new EvaluateBundleTask(context, samples, threads).run(request.unpack(EvaluateBundleRequest.class));
        }
        if (request.is(VerifyResultRequest.class)) {
            return new VerifyTask(context, samples, threads).run(request.unpack(VerifyResultRequest.class));
        }
        throw KogataException.invalid("request", "The evaluator does not know requests of type " + request.getTypeUrl() + ".");
    }
}
