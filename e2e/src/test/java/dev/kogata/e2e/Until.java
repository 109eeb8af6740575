package dev.kogata.e2e;

import java.time.Duration;
import java.util.concurrent.Callable;

/** Waits for a condition: asks now and then, and gives up after five minutes. */
final class Until {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final long PAUSE_MILLIS = 100;

    private Until() {}

    static void holds(String what, Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.call()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("waited " + PATIENCE + " in vain until " + what);
            }
            Thread.sleep(PAUSE_MILLIS);
        }
    }
}
