package dev.kogata.orchestrator.flow;

import dev.kogata.common.v1.Reason;
import dev.kogata.kit.error.KogataException;
import dev.kogata.orchestrator.job.JobStore;
import dev.kogata.orchestrator.job.JobStore.Forsaken;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Ends what still works for jobs that have ended: at once where a job ends here, and now and then for those whose orchestrator
 * died in between. Thread-safe.
 */
public final class OpenOperations implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(OpenOperations.class);
    private static final int AT_ONCE = 200;
    /** Between two looks for what another process left. */
    private static final long LOOK_MILLIS = 2000;

    private final JobStore store;
    private final Workers workers;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(work -> daemon(work, "forsaken"));
    private final ExecutorService threads = Executors.newCachedThreadPool(work -> daemon(work, "cancel"));
    /** Being told now: one that does not answer is not told twice at once. */
    private final Set<Forsaken> telling = ConcurrentHashMap.newKeySet();

    public OpenOperations(JobStore store, Workers workers) {
        this.store = store;
        this.workers = workers;
        clock.scheduleWithFixedDelay(this::look, 0, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** A job has ended: its operations are ended soon, without keeping the caller waiting. */
    public void cancel(String job) {
        clock.execute(this::look);
    }

    private void look() {
        try {
            for (Forsaken operation : store.forsaken(AT_ONCE)) {
                if (telling.add(operation)) {
                    threads.execute(() -> tell(operation));
                }
            }
        } catch (RuntimeException e) {
            LOG.debugf("operations of ended jobs are looked for again: %s", e.getMessage());
        }
    }

    private void tell(Forsaken operation) {
        try {
            workers.end(operation.operation(), "jobs/" + operation.job());
            store.close(operation);
        } catch (KogataException e) {
            if (e.reason() == Reason.NOT_FOUND) {
                store.close(operation);
            } else {
                // Nothing is lost but a worker's time: nobody looks at the operation's result any more.
                LOG.infof("%s was not ended yet: %s", operation.operation(), e.getMessage());
            }
        } catch (RuntimeException e) {
            LOG.infof("%s was not ended yet: %s", operation.operation(), e.getMessage());
        } finally {
            telling.remove(operation);
        }
    }

    private static Thread daemon(Runnable work, String name) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public void close() {
        clock.shutdown();
        threads.shutdown();
    }
}
