package dev.kogata.core.prune;

import dev.kogata.core.RefusedInput;
import java.util.Arrays;
import java.util.Map;

/**
 * U, the upper Cholesky factor of the inverse of a damped Hessian: {@code H^-1 = U^T U}. All that SparseGPT needs to know of the
 * inputs, at any sparsity and for every weight that reads them. The original inverts H and factors the inverse; here
 * {@code H = R R^T} with R upper, by a Cholesky from the last column to the first, and {@code U = R^-1}: the same matrix for
 * half of the operations.
 *
 * @param columns input features
 * @param upper (columns, columns): U, zeros below its diagonal
 * @param dead (columns): features that no calibration input ever used
 * @param damping what was added to the diagonal, as a share of its mean: as asked, or more where it took more to factor
 */
public record InverseFactor(int columns, float[] upper, boolean[] dead, double damping) {
    /** The original's damping. */
    public static final double DAMPING = 0.01;
    private static final int RAISES = 3;

    /**
     * Factors.
     *
     * @param weight the weight's name, for errors
     * @param hessian (columns, columns), symmetric; not changed
     * @param damping share of the mean of the diagonal
     * @throws RefusedInput WEIGHT_NOT_FINITE where the Hessian is not finite
     * @throws NotPositiveDefinite where even a thousand times the damping does not make it so
     */
    public static InverseFactor of(String weight, int columns, float[] hessian, double damping, DenseAlgebra algebra) {
        if (hessian.length != (long) columns * columns || !(damping > 0)) {
            throw new IllegalArgumentException("a Hessian of %d values for %d columns with a damping of %s".formatted(hessian.length, columns, damping));
        }
        for (float value : hessian) {
            if (!Float.isFinite(value)) {
                throw new RefusedInput("WEIGHT_NOT_FINITE", "The inputs of the weight " + weight + " are not finite on the calibration data.", Map.of("weight", weight));
            }
        }
        boolean[] dead = new boolean[columns];
        double mean = 0;
        for (int j = 0; j < columns; j++) {
            float diagonal = hessian[j * columns + j];
            dead[j] = diagonal == 0;
            mean += (dead[j] ? 1 : diagonal) / columns;
        }
        int pivot = -1;
        double share = damping;
        for (int attempt = 0; attempt <= RAISES; attempt++, share *= 10) {
            float[] reversed = reversed(columns, hessian, dead, (float) (share * mean));
            pivot = algebra.cholesky(columns, reversed);
            if (pivot < 0) {
                algebra.invertLower(columns, reversed);
                return new InverseFactor(columns, upper(columns, reversed), dead, share);
            }
        }
        throw new NotPositiveDefinite(weight, columns - 1 - pivot, share / 10);
    }

    /** The damped Hessian with rows and columns in reverse order: its lower factor is R turned by half. */
    private static float[] reversed(int columns, float[] hessian, boolean[] dead, float damping) {
        float[] reversed = new float[hessian.length];
        for (int k = 0; k < reversed.length; k++) {
            reversed[k] = hessian[reversed.length - 1 - k];
        }
        for (int j = 0; j < columns; j++) {
            int k = (columns - 1 - j) * (columns + 1);
            reversed[k] = (dead[j] ? 1 : reversed[k]) + damping;
        }
        return reversed;
    }

    /** Turns the inverse of the lower factor back, in place. */
    private static float[] upper(int columns, float[] lower) {
        for (int k = 0, end = lower.length - 1; k < end; k++, end--) {
            float swapped = lower[k];
            lower[k] = lower[end];
            lower[end] = swapped;
        }
        for (int i = 1; i < columns; i++) {
            Arrays.fill(lower, i * columns, i * columns + i, 0f);
        }
        return lower;
    }
}
