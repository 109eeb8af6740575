package dev.kogata.kit;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Waits for something to become true: what tests have instead of sleeping. */
public final class Eventually {
    private Eventually() {}

    /** Returns as soon as {@code assertion} holds; fails with its last error after 20 seconds. */
    public static void eventually(ThrowingCallable assertion) {
        eventually(Duration.ofSeconds(20), assertion);
    }

    /** Returns as soon as {@code assertion} holds; fails with its last error after {@code limit}. */
    public static void eventually(Duration limit, ThrowingCallable assertion) {
        long end = System.nanoTime() + limit.toNanos();
        while (true) {
            try {
                assertion.call();
                return;
            } catch (Throwable e) {
                if (System.nanoTime() > end) {
                    throw e instanceof AssertionError failed ? failed : new AssertionError("still failing after " + limit, e);
                }
            }
            LockSupport.parkNanos(10_000_000);
        }
    }
}
