package dev.kogata.gateway.upload;

import dev.kogata.common.v1.Reason;
import dev.kogata.kit.artifact.BulkInputStream;
import dev.kogata.kit.error.KogataException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Threads that read the bodies of uploads. Each waits for its client, however slow that is, so that only so many may: where one more comes,
 * the one whose client has been silent for longest gives up, as after a lost connection. So slow clients never take the threads that answer
 * everybody else. Thread-safe.
 */
public final class ReadingThreads {
    private final int most;
    private final long stalledNanos;
    private final Set<Reading> readings = new LinkedHashSet<>();

    /**
     * So many threads.
     *
     * @param stalled how long a client has to be silent until it has to give up where others wait
     */
    public ReadingThreads(int most, Duration stalled) {
        this.most = most;
        this.stalledNanos = stalled.toNanos();
    }

    /** The body of a request, read by this thread and closed by it. */
    Reading read(InputStream body) {
        Reading reading = new Reading(body, Thread.currentThread());
        synchronized (readings) {
            if (readings.stream().filter(other -> !other.givenUp).count() >= most) {
                makeRoom();
            }
            readings.add(reading);
        }
        return reading;
    }

    private void makeRoom() {
        long now = System.nanoTime();
        Reading silent = null;
        for (Reading reading : readings) {
            boolean stalled = !reading.givenUp && now - reading.lastBytes > stalledNanos;
            if (stalled && (silent == null || reading.lastBytes < silent.lastBytes)) {
                silent = reading;
            }
        }
        if (silent == null) {
            throw new KogataException(Reason.UNAVAILABLE, "Too many uploads at once. Try again.");
        }
        silent.givenUp = true;
        silent.thread.interrupt();
    }

    /** One body. */
    final class Reading extends BulkInputStream {
        private final Thread thread;
        private volatile long lastBytes = System.nanoTime();
        private volatile boolean givenUp;

        private Reading(InputStream body, Thread thread) {
            super(body);
            this.thread = thread;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            try {
                int count = in.read(buffer, offset, length);
                lastBytes = System.nanoTime();
                return count;
            } catch (InterruptedIOException e) {
                throw givenUp ? new IOException("others could not wait", e) : e;
            }
        }

        /** The body itself is the framework's to close. An interrupt that came too late must not reach the thread's next request. */
        @Override
        public void close() {
            synchronized (readings) {
                readings.remove(this);
                if (givenUp) {
                    Thread.interrupted();
                }
            }
        }
    }
}
