package dev.kogata.orchestrator.flow;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Tells all threads of one run that it is over for this process. Thread-safe. */
final class StopSignal {

    /** The run was told to stop: nothing more is written. */
    static final class Stopped extends RuntimeException {
        Stopped() {
            super("the run was told to stop");
        }
    }

    private final CountDownLatch stopped = new CountDownLatch(1);

    void stop() {
        stopped.countDown();
    }

    /** Throws {@link Stopped} once the run is over. */
    void check() {
        if (stopped.getCount() == 0) {
            throw new Stopped();
        }
    }

    /** Waits, and throws {@link Stopped} as soon as the run is over. */
    void pause(Duration time) {
        try {
            stopped.await(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Stopped();
        }
        check();
    }
}
