package dev.kogata.onnx.solve;

import dev.kogata.core.budget.VersionGrid;
import dev.kogata.core.budget.WeightStep;
import dev.kogata.core.prune.Matrix;
import dev.kogata.core.prune.Pattern;
import java.util.Optional;

/**
 * What the steps of a plan mean in zeros. Immutable.
 *
 * @param bank the versions of the bank that the plan was searched on; empty for level maps, whose steps are those of 256
 */
public record RowZeros(Optional<VersionGrid> bank) {

    /** Zeros of every output row of a weight, those counted that it came with. */
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
        return Pattern.ZerosPerRow.at(values, grid.steps().get(at), grid.steps().get(next), step.rowsAtNextStep()).zeros();
    }
}
