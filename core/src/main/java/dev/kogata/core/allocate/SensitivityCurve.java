package dev.kogata.core.allocate;

import java.util.Arrays;

/**
 * What one part of a model (the weights of a layer, the keys or the values of one) costs and loses when it alone is compressed.
 *
 * @param name of the part, for the report
 * @param bytes (options): bytes of the part, strictly ascending
 * @param loss (options): loss measured with that option alone; measured noise may make it rise
 * @param continuous true where everything between two options can be had as well (a sparsity), at the losses' chord; false
 *     where only the options themselves can (a width)
 */
public record SensitivityCurve(String name, double[] bytes, double[] loss, boolean continuous) {
    public SensitivityCurve {
        if (bytes.length == 0 || bytes.length != loss.length) {
            throw new IllegalArgumentException("%d sizes and %d losses of %s".formatted(bytes.length, loss.length, name));
        }
        for (int k = 0; k < bytes.length; k++) {
            if (!Double.isFinite(bytes[k]) || !Double.isFinite(loss[k]) || k > 0 && bytes[k] <= bytes[k - 1]) {
                throw new IllegalArgumentException("sizes %s and losses %s of %s must be finite, sizes ascending".formatted(
                        Arrays.toString(bytes), Arrays.toString(loss), name));
            }
        }
    }

    int options() {
        return bytes.length;
    }
}
