package dev.kogata.core.prune;

import dev.kogata.core.RefusedInput;
import java.util.Map;

/**
 * A weight as algorithms see it: output-major, whatever its file stores. The array is not copied.
 *
 * @param rows output channels; may be 0
 * @param columns input channels; may be 0
 * @param values (rows, columns), row by row
 */
public record Matrix(int rows, int columns, float[] values) {
    public Matrix {
        if (rows < 0 || columns < 0 || values.length != (long) rows * columns) {
            throw new IllegalArgumentException("%d values for a matrix of %d x %d".formatted(values.length, rows, columns));
        }
    }

    /**
     * Refuses NaN and infinity, which have no rank.
     *
     * @param weight the weight's name, for the error
     * @throws RefusedInput WEIGHT_NOT_FINITE
     */
    void requireFinite(String weight) {
        // The largest magnitude bits tell in one pass without a branch whether all exponents are finite ones.
        int largest = 0;
        for (float value : values) {
            largest = Math.max(largest, Float.floatToRawIntBits(value) & Integer.MAX_VALUE);
        }
        if (largest >= 0x7f800000) {
            float value = Float.intBitsToFloat(largest);
            throw new RefusedInput("WEIGHT_NOT_FINITE", "The weight " + weight + " holds " + value + "; only finite values can be pruned.", Map.of("weight", weight));
        }
    }
}
