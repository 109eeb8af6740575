package dev.kogata.core.prune;

import java.util.Arrays;

/**
 * SparseGPT as its authors wrote it (arXiv 2301.00774 and its code), in double and one loop at a time: Cholesky, inverse, upper
 * Cholesky of the inverse, then columns. The specification of {@link SparseGpt}; slow. {@code H} is (n, n), {@code W} (rows, n).
 */
final class SparseGptSpecification {
    private SparseGptSpecification() {}

    static Matrix solve(Matrix w, float[] hessian, double damping, int columnBlock, Pattern pattern) {
        int n = w.columns(), rows = w.rows();
        double[][] h = new double[n][n];
        double[][] weights = new double[rows][n];
        for (int k = 0; k < n * n; k++) {
            h[k / n][k % n] = hessian[k];
        }
        for (int k = 0; k < rows * n; k++) {
            weights[k / n][k % n] = w.values()[k];
        }
        for (int j = 0; j < n; j++) {
            if (h[j][j] == 0) {
                h[j][j] = 1;
                for (double[] row : weights) {
                    row[j] = 0;
                }
            }
        }
        double mean = 0;
        for (int j = 0; j < n; j++) {
            mean += h[j][j] / n;
        }
        for (int j = 0; j < n; j++) {
            h[j][j] += damping * mean;
        }
        double[][] u = transposed(lowerCholesky(inverse(h)));
        for (int start = 0; start < n; start += columnBlock) {
            int end = Math.min(n, start + columnBlock);
            boolean[][] mask = new boolean[rows][n];
            if (pattern instanceof Pattern.BlockThreshold whole) {
                double[] sorted = new double[rows * (end - start)];
                for (int r = 0, k = 0; r < rows; r++) {
                    for (int j = start; j < end; j++) {
                        sorted[k++] = score(weights[r][j], u[j][j]);
                    }
                }
                Arrays.sort(sorted);
                double threshold = sorted[(int) (sorted.length * whole.sparsity())];
                for (int r = 0; r < rows; r++) {
                    for (int j = start; j < end; j++) {
                        mask[r][j] = score(weights[r][j], u[j][j]) <= threshold;
                    }
                }
            }
            double[][] errors = new double[rows][n];
            for (int i = start; i < end; i++) {
                for (int r = 0; r < rows; r++) {
                    if (pattern instanceof Pattern.ZerosPerBlock blocks && (i - start) % blocks.blockSize() == 0) {
                        markLowest(weights[r], u, i, Math.min(end, i + blocks.blockSize()), blocks.zeros(), mask[r]);
                    }
                    double q = mask[r][i] ? 0 : weights[r][i];
                    errors[r][i] = (weights[r][i] - q) / u[i][i];
                    for (int j = i; j < end; j++) {
                        weights[r][j] -= errors[r][i] * u[i][j];
                    }
                    weights[r][i] = q;
                }
            }
            for (int r = 0; r < rows; r++) {
                for (int j = end; j < n; j++) {
                    for (int i = start; i < end; i++) {
                        weights[r][j] -= errors[r][i] * u[i][j];
                    }
                }
            }
        }
        float[] values = new float[rows * n];
        for (int k = 0; k < values.length; k++) {
            values[k] = (float) weights[k / n][k % n];
        }
        return new Matrix(rows, n, values);
    }

    private static void markLowest(double[] row, double[][] u, int from, int to, int zeros, boolean[] mask) {
        for (int count = Math.min(zeros, to - from); count > 0; count--) {
            int lowest = -1;
            for (int j = from; j < to; j++) {
                if (!mask[j] && (lowest < 0 || score(row[j], u[j][j]) < score(row[lowest], u[lowest][lowest]))) {
                    lowest = j;
                }
            }
            mask[lowest] = true;
        }
    }

    private static double score(double w, double diagonal) {
        return w * w / (diagonal * diagonal);
    }

    private static double[][] lowerCholesky(double[][] a) {
        int n = a.length;
        double[][] l = new double[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j <= i; j++) {
                double sum = a[i][j];
                for (int k = 0; k < j; k++) {
                    sum -= l[i][k] * l[j][k];
                }
                l[i][j] = i == j ? Math.sqrt(sum) : sum / l[j][j];
            }
        }
        return l;
    }

    /** A^-1 = L^-T L^-1. */
    private static double[][] inverse(double[][] a) {
        int n = a.length;
        double[][] l = lowerCholesky(a), x = new double[n][n], inverse = new double[n][n];
        for (int c = 0; c < n; c++) {
            for (int i = c; i < n; i++) {
                double sum = i == c ? 1 : 0;
                for (int k = c; k < i; k++) {
                    sum -= l[i][k] * x[k][c];
                }
                x[i][c] = sum / l[i][i];
            }
        }
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                for (int k = Math.max(i, j); k < n; k++) {
                    inverse[i][j] += x[k][i] * x[k][j];
                }
            }
        }
        return inverse;
    }

    private static double[][] transposed(double[][] a) {
        double[][] t = new double[a.length][a.length];
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < a.length; j++) {
                t[j][i] = a[i][j];
            }
        }
        return t;
    }
}
