package dev.kogata.core.budget;

import java.util.Arrays;

/**
 * Counts of a level map: step t of 256 prunes {@code floor(inputs * t / 256)} values of every output row, those first that are
 * zero already, so {@code nonzeros(row, t) = inputs - max(floor(inputs * t / 256), zeros(row))}. Immutable.
 */
final class LevelMapCounts implements NonzeroCounts {

    /** Steps 0 to 254: level 255 means "never". */
    private static final int LAST_STEP = 254;
    private static final int STEPS = 256;

    private final int outputs;
    private final int inputs;
    /** Output rows that have zeros already, ascending, and how many: most weights have none. */
    private final int[] rowsWithZeros;
    private final int[] zeros;
    private final int mostZeros;
    /** Zeros beyond those that step t prunes anyway, over all rows. */
    private final long[] excessOfStep = new long[LAST_STEP + 2];

    LevelMapCounts(WeightShape weight) {
        outputs = weight.outputs();
        inputs = weight.inputs();
        int[] byRow = weight.zerosByOutputRow();
        int count = 0;
        int[] rows = new int[byRow.length];
        int[] found = new int[byRow.length];
        int most = 0;
        for (int row = 0; row < byRow.length; row++) {
            if (byRow[row] > 0) {
                rows[count] = row;
                found[count++] = byRow[row];
                most = Math.max(most, byRow[row]);
            }
        }
        rowsWithZeros = Arrays.copyOf(rows, count);
        zeros = Arrays.copyOf(found, count);
        mostZeros = most;
        for (int step = 0; step <= LAST_STEP && pruned(step) < most; step++) {
            excessOfStep[step] = excess(step, outputs);
        }
    }

    @Override
    public int outputs() {
        return outputs;
    }

    @Override
    public int lastStep() {
        return LAST_STEP;
    }

    @Override
    public double sparsity(int step) {
        return step / (double) STEPS;
    }

    @Override
    public long nonzeros(int step, int rowsAtNextStep) {
        return nonzeros(step, step + 1, rowsAtNextStep);
    }

    /** Values that are not zero where the first rows are at one step, the others at a smaller one. */
    long nonzeros(int step, int stepOfFirstRows, int firstRows) {
        long prunedValues = firstRows * pruned(stepOfFirstRows) + (outputs - firstRows) * pruned(step);
        long beyond = excessOfStep[step];
        if (beyond > 0 && firstRows > 0) {
            beyond += excess(stepOfFirstRows, firstRows) - excess(step, firstRows);
        }
        return (long) outputs * inputs - prunedValues - beyond;
    }

    private long pruned(int step) {
        return (long) inputs * step / STEPS;
    }

    /** Zeros beyond the pruned ones in the first rows. */
    private long excess(int step, int firstRows) {
        long pruned = pruned(step);
        if (pruned >= mostZeros) {
            return 0;
        }
        long sum = 0;
        for (int i = 0; i < rowsWithZeros.length && rowsWithZeros[i] < firstRows; i++) {
            sum += Math.max(0, zeros[i] - pruned);
        }
        return sum;
    }
}
