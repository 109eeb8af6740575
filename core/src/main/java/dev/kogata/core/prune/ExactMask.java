package dev.kogata.core.prune;

/** Prunes a weight to the very counts of a point of the search, with scores measured later, for instance sequentially. */
public final class ExactMask {
    private ExactMask() {}

    /** As {@link #apply(Matrix, RowScores, int, int)}, with scores computed before: (out, in), row by row. */
    public static Matrix apply(Matrix w, float[] scores, int step, int rowsAtNextStep) {
        return apply(w, RowScores.of(scores), step, rowsAtNextStep);
    }

    /**
     * Zeroes the lowest scores of every output row, as many as an elastic weight at that point has; values that are 0.0
     * already count first. So the nonzeros, and the bytes, are those of the searched plan.
     *
     * @param w (out, in)
     * @param scores its scores
     * @param step step of the later output rows
     * @param rowsAtNextStep this many first rows take {@code step + 1}
     * @return a new matrix
     */
    public static Matrix apply(Matrix w, RowScores scores, int step, int rowsAtNextStep) {
        LevelMap.checkStep(w, step, rowsAtNextStep);
        int[] zeros = new int[w.rows()];
        for (int i = 0; i < zeros.length; i++) {
            zeros[i] = LevelMap.zeros(w.columns(), i < rowsAtNextStep ? step + 1 : step);
        }
        return apply(w, scores, zeros);
    }

    /** The same with a number of zeros for every row, (rows). */
    public static Matrix apply(Matrix w, RowScores scores, int[] zeros) {
        int columns = w.columns();
        float[] values = w.values().clone();
        Rows.parallel(w.rows(), (from, to) -> {
            RowSelection selection = new RowSelection(columns, false);
            boolean[] pruned = new boolean[columns];
            for (int i = from; i < to; i++) {
                scores.row(i, selection.scores());
                selection.lowest(zeros[i], w.values(), i * columns, pruned, 0);
                for (int j = 0; j < columns; j++) {
                    if (pruned[j]) {
                        values[i * columns + j] = 0f;
                    }
                }
            }
        });
        return new Matrix(w.rows(), columns, values);
    }
}
