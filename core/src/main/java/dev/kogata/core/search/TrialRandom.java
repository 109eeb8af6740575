package dev.kogata.core.search;

import java.util.SplittableRandom;

/** Randomness of one trial, from the search's seed and the trial's number alone. */
final class TrialRandom {

    /** The golden ratio's fraction in 64 bits, an odd number that spreads consecutive trials over all seeds. */
    private static final long SPREAD = 0x9E3779B97F4A7C15L;

    private TrialRandom() {
    }

    static SplittableRandom of(long seed, int number) {
        // One draw from a generator of the seed, then the number: trial n of seed s is not trial n - 1 of seed s + 1.
        return new SplittableRandom(new SplittableRandom(seed).nextLong() + (number + 1L) * SPREAD).split();
    }
}
