package dev.kogata.orchestrator.job;

import dev.kogata.orchestrator.v1.Job;
import dev.kogata.orchestrator.v1.JobEvent;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/** All callers watching jobs, served by a few threads however many and however slow they are. Thread-safe. */
public final class JobWatches implements AutoCloseable {

    private static final int THREADS = 2;

    private final JobStore store;
    private final JobBell bell;
    private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(THREADS, work -> {
        Thread thread = new Thread(work, "job-watch");
        thread.setDaemon(true);
        return thread;
    });

    public JobWatches(JobStore store, JobBell bell) {
        this.store = store;
        this.bell = bell;
    }

    /**
     * Sends a job's events with a greater number than {@code after}, and ends after its last one. To be called inside the gRPC
     * method, where the caller's handlers can still be set.
     */
    public void begin(Job job, long after, ServerCallStreamObserver<JobEvent> caller) {
        JobWatch.begin(store, bell, threads, Jobs.id(job.getName()).orElseThrow(), after, caller);
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
