package dev.kogata.core.prune;

/** Scores of a weight, one output row at a time, so that a mask needs no second matrix. Safe for use by several threads. */
@FunctionalInterface
public interface RowScores {
    /**
     * Computes the scores of a row.
     *
     * @param row output row
     * @param scores (in): receives finite scores that are not negative; the lowest die first
     */
    void row(int row, float[] scores);

    /** Scores that were computed before: (out, in), row by row. */
    static RowScores of(float[] scores) {
        return (row, into) -> System.arraycopy(scores, row * into.length, into, 0, into.length);
    }
}
