package dev.kogata.gateway.upload;

import dev.kogata.common.v1.Reason;
import dev.kogata.kit.error.KogataException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * One writer at a time for every upload. A new writer takes over from an earlier one, because the earlier one usually is
 * a connection that died unnoticed, whose client has come back. What is being used for a model or dataset is never taken
 * over. Thread-safe.
 */
final class WriterTurns {
    private record Owner(Thread thread, boolean yielding) {}

    private final Map<String, Owner> owners = new HashMap<>();

    /** The right to change one upload, until closed by the thread that took it. */
    final class Turn implements AutoCloseable {
        private final String id;

        private Turn(String id) {
            this.id = id;
        }

        @Override
        public void close() {
            release(id);
        }
    }

    /** Takes a turn that nobody can take over, and takes none over. */
    synchronized Turn keep(String id) {
        if (owners.containsKey(id)) {
            throw busy(id);
        }
        owners.put(id, new Owner(Thread.currentThread(), false));
        return new Turn(id);
    }

    /** Takes the turn of a writer, who yields to a later one: its thread is interrupted. */
    synchronized Turn take(String id, Duration patience) {
        long end = System.nanoTime() + patience.toNanos();
        Owner owner;
        while ((owner = owners.get(id)) != null) {
            long left = end - System.nanoTime();
            if (!owner.yielding() || left <= 0) {
                throw busy(id);
            }
            owner.thread().interrupt();
            try {
                TimeUnit.NANOSECONDS.timedWait(this, left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw busy(id);
            }
        }
        owners.put(id, new Owner(Thread.currentThread(), true));
        return new Turn(id);
    }

    private synchronized void release(String id) {
        owners.remove(id);
        // An interrupt that came too late must not reach the thread's next request. None can come after this line.
        Thread.interrupted();
        notifyAll();
    }

    private static KogataException busy(String id) {
        return new KogataException(Reason.STATE_WRONG, "The upload uploads/" + id + " is being used by another request.",
            Map.of("state", "LOCKED"));
    }
}
