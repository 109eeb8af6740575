package dev.kogata.pruner;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import dev.kogata.kit.error.KogataException;
import dev.kogata.kit.worker.TaskContext;
import dev.kogata.kit.worker.TaskHandler;
import dev.kogata.pruner.v1.BuildElasticWeightsRequest;
import dev.kogata.pruner.v1.PruneWeightsRequest;

/** Does the pruner's tasks: finds out which of them one is. Thread-safe. */
public final class PrunerWorker implements TaskHandler {
    /** Type of the tasks that it does. */
    public static final String TYPE = "prune";

    private final int threads;

    /** @param threads threads that one pass of a model may use */
    public PrunerWorker(int threads) {
        this.threads = threads;
    }

    @Override
    public Message run(Any request, TaskContext context) throws Exception {
        if (request.is(BuildElasticWeightsRequest.class)) {
            return new ElasticWeightsTask(context).run(request.unpack(BuildElasticWeightsRequest.class));
        }
        if (request.is(PruneWeightsRequest.class)) {
            return new PruneTask(context, threads).run(request.unpack(PruneWeightsRequest.class));
        }
        throw KogataException.invalid("request", "The pruner does not know requests of type " + request.getTypeUrl() + ".");
    }
}
