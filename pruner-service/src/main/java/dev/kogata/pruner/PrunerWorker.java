package dev.kogata.pruner;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import dev.kogata.common.v1.Reason;
import dev.kogata.core.prune.NotPositiveDefinite;
import dev.kogata.kit.error.KogataException;
import dev.kogata.kit.worker.TaskContext;
import dev.kogata.kit.worker.TaskHandler;
import dev.kogata.onnx.score.ModelRuns;
import dev.kogata.pruner.v1.BuildElasticWeightsRequest;
import dev.kogata.pruner.v1.PruneWeightsRequest;
import java.util.Map;

/** Does the pruner's tasks: finds out which of them one is. Thread-safe. */
public final class PrunerWorker implements TaskHandler {
    /** Type of the tasks that it does. */
    public static final String TYPE = "prune";

    private final int threads;
    private final long bankLimit;

    /**
     * @param threads threads that one pass of a model may use
     * @param bankLimit bytes that a bank of repaired weights may take
     */
    public PrunerWorker(int threads, long bankLimit) {
        this.threads = threads;
        this.bankLimit = bankLimit;
    }

    @Override
    public Message run(Any request, TaskContext context) throws Exception {
        Thread model = Thread.currentThread();
        context.onStop(() -> ModelRuns.stop(model));
        try {
            return done(request, context);
        } catch (NotPositiveDefinite e) {
            throw new KogataException(Reason.NUMERICAL_FAILURE, e.getMessage(), Map.of("weight", e.weight(), "pivot", Integer.toString(e.pivot())), e);
        }
    }

    private Message done(Any request, TaskContext context) throws Exception {
        if (request.is(BuildElasticWeightsRequest.class)) {
            return new ElasticWeightsTask(context, threads, bankLimit).run(request.unpack(BuildElasticWeightsRequest.class));
        }
        if (request.is(PruneWeightsRequest.class)) {
            return new PruneTask(context, threads).run(request.unpack(PruneWeightsRequest.class));
        }
        throw KogataException.invalid("request", "The pruner does not know requests of type " + request.getTypeUrl() + ".");
    }
}
