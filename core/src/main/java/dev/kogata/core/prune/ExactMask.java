package dev.kogata.core.prune;

/** Prunes a weight to the very counts of a point of the search, with scores measured later, for instance sequentially. */
public final class ExactMask {
    private ExactMask() {}

    /**
     * Zeroes the lowest scores of every output row, as many as an elastic weight at that point has; values that are 0.0
     * already count first. So the nonzeros, and the bytes, are those of the searched plan.
     *
     * @param w (out, in)
     * @param scores (out, in), not negative
     * @param step step of the later output rows
     * @param rowsAtNextStep this many first rows take {@code step + 1}
     * @return a new matrix
     */
    public static Matrix apply(Matrix w, float[] scores, int step, int rowsAtNextStep) {
        LevelMap.checkStep(w, step, rowsAtNextStep);
        int columns = w.columns();
        float[] values = w.values().clone();
        long[] keys = new long[columns];
        for (int i = 0; i < w.rows(); i++) {
            int zeros = LevelMap.zeros(columns, i < rowsAtNextStep ? step + 1 : step);
            RowRanking.sort(scores, w.values(), i, columns, keys);
            for (int rank = 0; rank < zeros; rank++) {
                values[i * columns + RowRanking.column(keys[rank])] = 0f;
            }
        }
        return new Matrix(w.rows(), columns, values);
    }
}
