package dev.kogata.onnx.solve;

import dev.kogata.core.budget.VersionGrid;
import dev.kogata.core.budget.WeightStep;
import dev.kogata.core.prune.Matrix;
import dev.kogata.core.prune.Pattern;
import java.util.Arrays;
import java.util.Optional;

/**
 * What the steps of a plan mean in zeros. Immutable.
 *
 * @param bank the versions of the bank that the plan was searched on; empty for level maps, whose steps are those of 256
 */
public record RowZeros(Optional<VersionGrid> bank) {

    /**
     * Zeros of every output row of a weight, those counted that it came with. A plan of a bank's versions says how many there are together: rows that
     * are solved anew share them evenly, which loses less than rows of two versions side by side.
     */
    public int[] of(Matrix values, WeightStep step) {
        int at = step.step();
        if (bank.isEmpty()) {
            return Pattern.ZerosPerRow.at(values, at, step.rowsAtNextStep()).zeros();
        }
        VersionGrid grid = bank.get();
        if (at >= grid.versions() || step.rowsAtNextStep() > 0 && at + 1 >= grid.versions()) {
            throw new IllegalArgumentException("version %d with %d rows of the next, of %d".formatted(at, step.rowsAtNextStep(), grid.versions()));
        }
        int next = Math.min(at + 1, grid.versions() - 1);
        return even(Pattern.ZerosPerRow.at(values, 0, 0).zeros(),
                Pattern.ZerosPerRow.at(values, grid.steps().get(at), grid.steps().get(next), step.rowsAtNextStep()).zeros(), values.columns());
    }

    /** As many zeros together, every row as near to the others as those it came with allow; what is left over goes to the first rows. */
    private static int[] even(int[] already, int[] zeros, int columns) {
        long all = Arrays.stream(zeros).asLongStream().sum();
        int low = 0, high = columns;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (Arrays.stream(already).mapToLong(own -> Math.max(own, middle)).sum() <= all) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        int level = low;
        int[] shared = Arrays.stream(already).map(own -> Math.max(own, level)).toArray();
        long left = all - Arrays.stream(shared).asLongStream().sum();
        for (int row = 0; row < shared.length && left > 0; row++) {
            if (already[row] <= level && level < columns) {
                shared[row]++;
                left--;
            }
        }
        return shared;
    }
}
