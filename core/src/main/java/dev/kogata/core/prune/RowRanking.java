package dev.kogata.core.prune;

import java.util.Arrays;

/**
 * The order in which a row's elements die, by sorting: ascending score, stable by column. This is the specification;
 * {@link RowSelection} finds the same without sorting. Scores are not negative, so that their bits order as they do.
 */
final class RowRanking {
    private RowRanking() {}

    /**
     * Columns of one row, first to die first.
     *
     * @param scores (columns)
     * @param zerosFirst values whose zeros come before all others, from {@code offset} on; null for the originals' plain order
     * @return (columns): columns by rank
     */
    static int[] order(float[] scores, float[] zerosFirst, int offset) {
        long[] keys = new long[scores.length];
        for (int j = 0; j < keys.length; j++) {
            boolean zero = zerosFirst != null && zerosFirst[offset + j] == 0f;
            keys[j] = (long) key(scores[j], zero) << 32 | j;   // unique, so that any sort is stable
        }
        Arrays.sort(keys);
        return Arrays.stream(keys).mapToInt(key -> (int) key).toArray();
    }

    /** Orders as the score does, 0 for what is zero already. A score of -0.0 is one of 0. */
    static int key(float score, boolean zero) {
        return zero ? 0 : Float.floatToRawIntBits(score + 0f) + 1;
    }
}
