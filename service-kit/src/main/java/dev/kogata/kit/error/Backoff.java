package dev.kogata.kit.error;

import java.time.Duration;

/**
 * Pauses between attempts at something that does not pass sooner for being tried often: twice as long each time. Immutable.
 *
 * @param first pause after the first attempt
 * @param longest that any pause is
 */
public record Backoff(Duration first, Duration longest) {
    private static final int MOST_DOUBLINGS = 30;

    /** The pause after so many attempts, at least one, that failed. */
    public Duration after(int attempts) {
        Duration pause = first.multipliedBy(1L << Math.min(MOST_DOUBLINGS, attempts - 1));
        return pause.compareTo(longest) < 0 ? pause : longest;
    }
}
