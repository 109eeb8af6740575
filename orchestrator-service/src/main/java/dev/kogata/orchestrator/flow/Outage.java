package dev.kogata.orchestrator.flow;

import dev.kogata.kit.error.Backoff;
import java.time.Duration;

/**
 * For how long a job has not come further because the database or the store does not answer, or has no room.
 *
 * @param began when it began, by the monotonic clock
 * @param last when it was met last
 * @param times how often
 */
record Outage(long began, long last, int times) {

    private static final Backoff PAUSES = new Backoff(Duration.ofMillis(500), Duration.ofSeconds(10));
    /** Where the job ran for longer than this in between, it is another outage. */
    private static final Duration APART = Duration.ofMinutes(2);

    /** The outage that {@code known}, if any, has become by an error at {@code now}. */
    static Outage after(Outage known, long now) {
        return known == null || now - known.last > APART.toNanos() ? new Outage(now, now, 1) : new Outage(known.began, now, known.times + 1);
    }

    boolean lasts(Duration patience) {
        return last - began > patience.toNanos();
    }

    /** Time until it is worth looking again. */
    Duration pause() {
        return PAUSES.after(times);
    }
}
