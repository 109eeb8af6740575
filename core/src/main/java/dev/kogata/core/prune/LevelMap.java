package dev.kogata.core.prune;

import java.util.stream.IntStream;

/**
 * Elastic form of a weight for methods that only rank: one level per element, the step, of 256, from which it is pruned.
 * At step t in 0..{@value #LAST_STEP}, {@link #zeros(int, int) floor(in * t / 256)} elements of every output row are dead:
 * those with level at most t. Level 255 never dies. Values that are 0.0 already rank first, so that a row's nonzeros at
 * step t are in - max(zeros(in, t), zeros already there), whatever the scores.
 */
public final class LevelMap {
    /** Steps that the range of sparsity is cut into. */
    public static final int STEPS = 256;
    /** The sparsest step. */
    public static final int LAST_STEP = 254;

    private LevelMap() {}

    /** Elements of a row of {@code columns} that are dead at a step. */
    public static int zeros(int columns, int step) {
        return (int) ((long) columns * step / STEPS);
    }

    /** As {@link #levels(Matrix, RowScores)}, with scores computed before: (out, in), row by row. */
    public static byte[] levels(Matrix w, float[] scores) {
        return levels(w, RowScores.of(scores));
    }

    /**
     * Levels of a weight, on all cores.
     *
     * @param w (out, in)
     * @param scores its scores
     * @return (out, in): levels 1..255 as unsigned bytes
     */
    public static byte[] levels(Matrix w, RowScores scores) {
        byte[] ofRank = levelOfRank(w.columns());
        int[] borders = borders(ofRank);
        byte[] levels = new byte[w.values().length];
        Rows.parallel(w.rows(), (from, to) -> {
            RowSelection selection = new RowSelection(w.columns(), true);
            for (int i = from; i < to; i++) {
                scores.row(i, selection.scores());
                selection.levels(ofRank, borders, w.values(), i * w.columns(), levels);
            }
        });
        return levels;
    }

    /** The specification of {@link #levels}: every row sorted. */
    static byte[] levelsBySorting(Matrix w, RowScores scores) {
        int columns = w.columns();
        byte[] ofRank = levelOfRank(columns);
        byte[] levels = new byte[w.values().length];
        float[] row = new float[columns];
        for (int i = 0; i < w.rows(); i++) {
            scores.row(i, row);
            int[] order = RowRanking.order(row, w.values(), i * columns);
            for (int rank = 0; rank < columns; rank++) {
                levels[i * columns + order[rank]] = ofRank[rank];
            }
        }
        return levels;
    }

    /** (columns): the first step at which the element of that rank is dead; 255 where there is none. */
    private static byte[] levelOfRank(int columns) {
        byte[] ofRank = new byte[columns];
        for (int rank = 0, step = 1; rank < columns; rank++) {
            while (step <= LAST_STEP && zeros(columns, step) <= rank) {
                step++;
            }
            ofRank[rank] = (byte) step;
        }
        return ofRank;
    }

    /** Ranks whose level is greater than that of the rank before. */
    private static int[] borders(byte[] levelOfRank) {
        return IntStream.range(1, levelOfRank.length).filter(rank -> levelOfRank[rank] != levelOfRank[rank - 1]).toArray();
    }

    /**
     * The weight as it is at a point of the search.
     *
     * @param step step of the later output rows
     * @param rowsAtNextStep this many first rows take {@code step + 1}
     * @return a new matrix
     */
    public static Matrix apply(Matrix w, byte[] levels, int step, int rowsAtNextStep) {
        checkStep(w, step, rowsAtNextStep);
        float[] values = w.values().clone();
        for (int i = 0; i < w.rows(); i++) {
            int t = i < rowsAtNextStep ? step + 1 : step;
            for (int k = i * w.columns(); k < (i + 1) * w.columns(); k++) {
                if ((levels[k] & 0xff) <= t) {
                    values[k] = 0f;
                }
            }
        }
        return new Matrix(w.rows(), w.columns(), values);
    }

    static void checkStep(Matrix w, int step, int rowsAtNextStep) {
        int last = rowsAtNextStep > 0 ? LAST_STEP - 1 : LAST_STEP;
        if (step < 0 || step > last || rowsAtNextStep < 0 || rowsAtNextStep > w.rows()) {
            throw new IllegalArgumentException("step %d with %d of %d rows at the next one".formatted(step, rowsAtNextStep, w.rows()));
        }
    }
}
