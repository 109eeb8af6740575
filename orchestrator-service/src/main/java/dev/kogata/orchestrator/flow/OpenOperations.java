package dev.kogata.orchestrator.flow;

import dev.kogata.kit.error.KogataException;
import dev.kogata.orchestrator.job.JobStore;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jboss.logging.Logger;

/** Cancels what still works for a job that has ended. Thread-safe. */
public final class OpenOperations implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(OpenOperations.class);

    private final JobStore store;
    private final Workers workers;
    private final ExecutorService threads = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work, "cancel");
        thread.setDaemon(true);
        return thread;
    });

    public OpenOperations(JobStore store, Workers workers) {
        this.store = store;
        this.workers = workers;
    }

    /** Cancels all operations of a job that have not ended, without keeping the caller waiting. */
    public void cancel(String job) {
        threads.execute(() -> store.openOperations(job).forEach(operation -> threads.execute(() -> cancelOne(operation))));
    }

    private void cancelOne(String operation) {
        try {
            workers.operations(operation).cancel(operation);
        } catch (KogataException e) {
            // Nothing is lost but a worker's time: nobody looks at the operation's result any more.
            LOG.infof("%s was not cancelled: %s", operation, e.getMessage());
        }
    }

    @Override
    public void close() {
        threads.shutdown();
    }
}
