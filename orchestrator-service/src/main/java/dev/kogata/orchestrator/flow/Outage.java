package dev.kogata.orchestrator.flow;

import dev.kogata.common.v1.Reason;
import dev.kogata.kit.error.KogataException;
import java.time.Duration;

/**
 * For how long a job has not come further because the database or the store does not answer, or has no room.
 *
 * @param began when it began, by the monotonic clock
 * @param last when it was met last
 * @param times how often
 */
record Outage(long began, long last, int times) {

    private static final Duration SHORTEST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
    /** Where the job ran for longer than this in between, it is another outage. */
    private static final Duration APART = Duration.ofMinutes(2);

    /** Whether this is no fault of the job, and may pass. */
    static boolean is(KogataException error) {
        return error.reason() == Reason.UNAVAILABLE || error.reason() == Reason.DISK_FULL;
    }

    /** The outage that {@code known}, if any, has become by an error at {@code now}. */
    static Outage after(Outage known, long now) {
        return known == null || now - known.last > APART.toNanos() ? new Outage(now, now, 1) : new Outage(known.began, now, known.times + 1);
    }

    boolean lasts(Duration patience) {
        return last - began > patience.toNanos();
    }

    /** Time until it is worth looking again: twice as long each time. */
    Duration pause() {
        Duration pause = SHORTEST_PAUSE.multipliedBy(1L << Math.min(10, times - 1));
        return pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
    }
}
