package dev.kogata.orchestrator.job;

import dev.kogata.kit.error.Incident;
import dev.kogata.orchestrator.v1.JobEvent;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One caller watching one job: sends stored events in order, no faster than the caller reads, and ends after the last one. Woken
 * by the bell, by the caller being ready for more, and by a slow tick for what other processes change.
 */
final class JobWatch {

    private static final int PAGE = 100;
    private static final long TICK_MILLIS = 1000;

    private final JobStore store;
    private final ScheduledExecutorService threads;
    private final String job;
    private final ServerCallStreamObserver<JobEvent> caller;
    /** Wishes to look that came since the last look began: one look at a time, none forgotten. */
    private final AtomicInteger wishes = new AtomicInteger();
    private long sent;
    private boolean done;
    private AutoCloseable listening = () -> { };
    private ScheduledFuture<?> tick;

    private JobWatch(JobStore store, ScheduledExecutorService threads, String job, long after, ServerCallStreamObserver<JobEvent> caller) {
        this.store = store;
        this.threads = threads;
        this.job = job;
        this.sent = after;
        this.caller = caller;
    }

    /** Must be called inside the gRPC method, where the caller's handlers can still be set. */
    static void begin(JobStore store, JobBell bell, ScheduledExecutorService threads, String job, long after, ServerCallStreamObserver<JobEvent> caller) {
        JobWatch watch = new JobWatch(store, threads, job, after, caller);
        synchronized (watch) {
            caller.setOnReadyHandler(watch::look);
            caller.setOnCancelHandler(watch::end);
            watch.listening = bell.listen(job, watch::look);
            watch.tick = threads.scheduleWithFixedDelay(watch::look, 0, TICK_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void look() {
        if (wishes.getAndIncrement() == 0) {
            try {
                threads.execute(this::lookAll);
            } catch (RejectedExecutionException stopping) {
                end();
            }
        }
    }

    private void lookAll() {
        int seen;
        do {
            seen = wishes.get();
            try {
                send();
            } catch (RuntimeException e) {
                fail(e);
            }
        } while (wishes.addAndGet(-seen) > 0);
    }

    private synchronized void send() {
        while (!done && caller.isReady()) {
            List<JobEvent> events = store.events(job, sent, PAGE);
            if (events.isEmpty()) {
                if (store.endedAt(job, sent)) {
                    finish();
                }
                return;
            }
            for (JobEvent event : events) {
                if (!caller.isReady()) {
                    return;
                }
                caller.onNext(event);
                sent = event.getSequence();
                if (JobStates.ended(event.getState())) {
                    finish();
                    return;
                }
            }
        }
    }

    private void finish() {
        end();
        caller.onCompleted();
    }

    private synchronized void fail(RuntimeException e) {
        if (!done) {
            end();
            caller.onError(Incident.of(e).toGrpc());
        }
    }

    private synchronized void end() {
        done = true;
        tick.cancel(false);
        try {
            listening.close();
        } catch (Exception e) {
            throw new IllegalStateException("forgetting a listener cannot fail", e);
        }
    }
}
