package dev.kogata.orchestrator.job;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tells parts of this process that a job changed: after the commit, and nothing more than that. Who hears it looks into the
 * database, and looks there now and then anyway, for other processes change jobs too. Thread-safe.
 */
public final class JobBell {

    private final Map<String, Set<Runnable>> ofJob = new ConcurrentHashMap<>();
    private final Set<Runnable> ofAll = ConcurrentHashMap.newKeySet();

    /** Runs {@code listener} whenever this job changed, on the changer's thread: it must be quick. */
    AutoCloseable listen(String job, Runnable listener) {
        ofJob.compute(job, (id, listeners) -> {
            Set<Runnable> all = listeners == null ? ConcurrentHashMap.newKeySet() : listeners;
            all.add(listener);
            return all;
        });
        return () -> ofJob.computeIfPresent(job, (id, listeners) -> {
            listeners.remove(listener);
            return listeners.isEmpty() ? null : listeners;
        });
    }

    /** Runs {@code listener} whenever any job changed. */
    public AutoCloseable listen(Runnable listener) {
        ofAll.add(listener);
        return () -> ofAll.remove(listener);
    }

    void ring(String job) {
        ofJob.getOrDefault(job, Set.of()).forEach(Runnable::run);
        ofAll.forEach(Runnable::run);
    }
}
