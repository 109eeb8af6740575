package dev.kogata.core.prune;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Dense algebra in plain Java, on all cores: everything but small diagonal blocks is a blocked product whose inner loop runs
 * along rows, which the JIT compiler turns into vector instructions.
 */
public final class PlainAlgebra implements DenseAlgebra {
    /** Rows of a diagonal block. */
    private static final int BLOCK = 64;
    /** A piece of B, DEPTH x WIDTH floats, stays in the second-level cache. */
    private static final int DEPTH = 128;
    private static final int WIDTH = 512;
    /** Rows that one thread takes at a time. */
    private static final int PIECE = 16;

    @Override
    public void subtractProduct(int m, int n, int k, float[] a, int aAt, int aStride, float[] b, int bAt, int bStride, float[] c, int cAt, int cStride) {
        pieces(m).forEach(first -> {
            int last = Math.min(m, first + PIECE);
            for (int p = 0; p < k; p += DEPTH) {
                int depth = Math.min(DEPTH, k - p);
                for (int j = 0; j < n; j += WIDTH) {
                    int width = Math.min(WIDTH, n - j);
                    for (int i = first; i < last; i++) {
                        subtractRow(width, depth, a, aAt + i * aStride + p, b, bAt + p * bStride + j, bStride, c, cAt + i * cStride + j);
                    }
                }
            }
        });
    }

    /** c[0..n) -= sum over k of a[k] * b[k, 0..n), four k at a time to spare loads and stores of c. */
    private static void subtractRow(int n, int depth, float[] a, int aAt, float[] b, int bAt, int bStride, float[] c, int cAt) {
        int k = 0;
        for (; k + 4 <= depth; k += 4) {
            float a0 = a[aAt + k], a1 = a[aAt + k + 1], a2 = a[aAt + k + 2], a3 = a[aAt + k + 3];
            if (a0 == 0 && a1 == 0 && a2 == 0 && a3 == 0) {
                continue;
            }
            int b0 = bAt + k * bStride, b1 = b0 + bStride, b2 = b1 + bStride, b3 = b2 + bStride;
            for (int j = 0; j < n; j++) {
                c[cAt + j] -= a0 * b[b0 + j] + a1 * b[b1 + j] + (a2 * b[b2 + j] + a3 * b[b3 + j]);
            }
        }
        for (; k < depth; k++) {
            subtractScaled(n, a[aAt + k], b, bAt + k * bStride, c, cAt);
        }
    }

    /** c[0..n) -= factor * b[0..n). */
    static void subtractScaled(int n, float factor, float[] b, int bAt, float[] c, int cAt) {
        for (int j = 0; j < n; j++) {
            c[cAt + j] -= factor * b[bAt + j];
        }
    }

    @Override
    public void addGram(int tokens, int n, float scale, float[] x, float[] c) {
        int depth = Math.min(tokens, DEPTH);
        float[] transposed = new float[n * depth];
        for (int t = 0; t < tokens; t += depth) {
            int height = Math.min(depth, tokens - t), from = t;
            pieces(n).forEach(first -> {
                for (int i = first; i < Math.min(n, first + PIECE); i++) {
                    for (int k = 0; k < height; k++) {
                        transposed[i * height + k] = -scale * x[(from + k) * n + i];
                    }
                }
            });
            lowerBlocks(n, (row, rows) -> subtractProduct(rows, row + rows, height, transposed, row * height, height, x, from * n, n, c, row * n, n));
        }
    }

    @Override
    public int cholesky(int n, float[] a) {
        for (int p = 0; p < n; p += BLOCK) {
            int size = Math.min(BLOCK, n - p), start = p, next = p + size;
            int pivot = factorBlock(n, a, p, size);
            if (pivot >= 0) {
                return pivot;
            }
            int below = n - next;
            float[] transposed = new float[size * below];   // of the panel under the block
            pieces(below).forEach(first -> {
                for (int i = first; i < Math.min(below, first + PIECE); i++) {
                    solveRow(n, a, start, size, next + i);
                    for (int k = 0; k < size; k++) {
                        transposed[k * below + i] = a[(next + i) * n + start + k];
                    }
                }
            });
            lowerBlocks(below, (row, rows) -> subtractProduct(rows, row + rows, size, a, (next + row) * n + start, n, transposed, 0, below, a, (next + row) * n + next, n));
        }
        return -1;
    }

    /** Cholesky of one diagonal block, sums in double: it costs little here and keeps pivots positive longer. */
    private static int factorBlock(int n, float[] a, int p, int size) {
        for (int i = p; i < p + size; i++) {
            solveRow(n, a, p, i - p, i);
            double pivot = a[i * n + i];
            for (int k = p; k < i; k++) {
                pivot -= (double) a[i * n + k] * a[i * n + k];
            }
            if (!(pivot > 0 && pivot <= Float.MAX_VALUE)) {
                return i;
            }
            a[i * n + i] = (float) Math.sqrt(pivot);
        }
        return -1;
    }

    /** Row i of the factor in columns p .. p+size: a_ij = (a_ij - sum_k a_ik l_jk) / l_jj. */
    private static void solveRow(int n, float[] a, int p, int size, int i) {
        for (int j = p; j < p + size; j++) {
            double sum = a[i * n + j];
            for (int k = p; k < j; k++) {
                sum -= (double) a[i * n + k] * a[j * n + k];
            }
            a[i * n + j] = (float) (sum / a[j * n + j]);
        }
    }

    @Override
    public void invertLower(int n, float[] l) {
        for (int p = 0; p < n; p += BLOCK) {
            int size = Math.min(BLOCK, n - p);
            float[] left = new float[size * n];   // rows of L in this block, whose place the inverse takes
            for (int i = 0; i < size; i++) {
                System.arraycopy(l, (p + i) * n, left, i * n, p + size);
                Arrays.fill(l, (p + i) * n, (p + i) * n + p + size, 0f);
            }
            // X_block = L_block,block^-1 (I - L_block,before X_before); rows of X_before end at their own column.
            for (int k = 0; k < p; k += BLOCK) {
                int depth = Math.min(BLOCK, p - k);
                subtractProduct(size, k + depth, depth, left, k, n, l, k * n, n, l, p * n, n);
            }
            for (int i = 0; i < size; i++) {
                int row = (p + i) * n;
                l[row + p + i] = 1;
                for (int k = 0; k < i; k++) {
                    subtractScaled(p + k + 1, left[i * n + p + k], l, (p + k) * n, l, row);
                }
                float pivot = left[i * n + p + i];
                for (int j = 0; j <= p + i; j++) {
                    l[row + j] /= pivot;
                }
            }
        }
    }

    private static IntStream pieces(int rows) {
        return IntStream.range(0, (rows + PIECE - 1) / PIECE).map(piece -> piece * PIECE).parallel();
    }

    @FunctionalInterface
    private interface Block {
        void run(int row, int rows);
    }

    /** Row blocks of a lower triangle, large enough to keep all threads busy. */
    private static void lowerBlocks(int n, Block block) {
        int height = 8 * PIECE;
        for (int row = 0; row < n; row += height) {
            block.run(row, Math.min(height, n - row));
        }
    }
}
