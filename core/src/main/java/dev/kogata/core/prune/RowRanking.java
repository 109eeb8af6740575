package dev.kogata.core.prune;

/** Orders of a row's elements. Scores are not negative, so that their bits order as their values do. */
final class RowRanking {
    private RowRanking() {}

    /**
     * Columns of one row, first to die first: ascending score, stable by column.
     *
     * @param scores (rows, columns)
     * @param zerosFirst values of the same shape whose zeros come before all others, or null for the originals' plain order
     * @param keys (columns) work space, holds the sorted result: the low 31 bits of each are a column
     */
    static void sort(float[] scores, float[] zerosFirst, int row, int columns, long[] keys) {
        for (int j = 0, k = row * columns; j < columns; j++, k++) {
            boolean zero = zerosFirst != null && zerosFirst[k] == 0f;
            // Score bits, shifted by one so that zero by value is below a score of 0; then the column: unique keys, so that
            // any sort is stable.
            long rank = zero ? 0 : (long) Float.floatToRawIntBits(scores[k] + 0f) + 1;
            keys[j] = rank << 31 | j;
        }
        java.util.Arrays.sort(keys, 0, columns);
    }

    static int column(long key) {
        return (int) (key & Integer.MAX_VALUE);
    }
}
