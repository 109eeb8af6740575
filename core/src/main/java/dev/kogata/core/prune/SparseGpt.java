package dev.kogata.core.prune;

import java.util.List;
import java.util.stream.DoubleStream;

/**
 * SparseGPT (arXiv 2301.00774): prunes column by column and moves the weights to the right of each so that the layer's output
 * stays as near as it can. Score of an element: {@code W_ij^2 / U_jj^2}, on weights that were moved already. For each column
 * i of a block: {@code err = (w - q) / U_ii; W1[:, i:] -= err * U[i, i:]}, and after the block
 * {@code W[:, i2:] -= Err * U[i1:i2, i2:]}. Within a block rows do not know each other, so each row goes through it alone,
 * in the first-level cache; what is left is one product. Safe for use by several threads.
 *
 * <p>Differs from the original in the added pattern of exact counts by row, see {@link RowQuotas}, and there alone in dead
 * inputs: those that the count does not take keep their weights.
 */
public final class SparseGpt {
    /** The original's number of columns of a block. */
    public static final int COLUMN_BLOCK = 128;

    private final DenseAlgebra algebra;
    private final int columnBlock;

    public SparseGpt(DenseAlgebra algebra) {
        this(algebra, COLUMN_BLOCK);
    }

    /** @param columnBlock columns of a block */
    public SparseGpt(DenseAlgebra algebra, int columnBlock) {
        if (columnBlock < 1) {
            throw new IllegalArgumentException("blocks of " + columnBlock + " columns");
        }
        this.algebra = algebra;
        this.columnBlock = columnBlock;
    }

    /**
     * What came out.
     *
     * @param weight pruned and repaired
     * @param loss the original's measure: half the sum of {@code ((w - q) / U_jj)^2}, smaller is better
     */
    public record Repaired(Matrix weight, double loss) {}

    /** Solves one weight at several sparsities; the factorization, most of the work of one, is shared. */
    public List<Repaired> bank(String weight, Matrix w, InverseFactor factor, List<? extends Pattern> versions) {
        return versions.stream().map(pattern -> solve(weight, w, factor, pattern)).toList();
    }

    /**
     * Prunes and repairs.
     *
     * @param weight its name, for errors
     * @param w (out, in); not changed
     * @param factor of its inputs
     */
    public Repaired solve(String weight, Matrix w, InverseFactor factor, Pattern pattern) {
        int rows = w.rows(), columns = w.columns();
        if (factor.columns() != columns) {
            throw new IllegalArgumentException("a factor of %d columns for %d of %s".formatted(factor.columns(), columns, weight));
        }
        w.requireFinite(weight);
        Matrix moved = new Matrix(rows, columns, w.values().clone());
        boolean[] pruned = new boolean[rows * columns];
        RowQuotas quotas = null;
        if (pattern instanceof Pattern.ZerosPerRow exact) {
            quotas = RowQuotas.of(moved, factor, exact.zeros(), columnBlock);
        } else {
            clearDead(moved, factor);
        }
        double loss = 0;
        for (int start = 0; start < columns; start += columnBlock) {
            int end = Math.min(columns, start + columnBlock);
            if (pattern instanceof Pattern.BlockThreshold whole) {
                markThreshold(moved, factor, start, end, whole.sparsity(), pruned);
            } else if (quotas != null) {
                quotas.mark(moved, start, end, pruned);
            }
            float[] errors = new float[rows * (end - start)];
            loss += block(moved, factor, start, end, pattern, pruned, errors);
            algebra.subtractProduct(rows, columns - end, end - start, errors, 0, end - start,
                    factor.upper(), start * columns + end, columns, moved.values(), end, columns);
        }
        if (quotas != null) {
            keepCounts(moved, pruned);
        }
        moved.requireFinite(weight);
        return new Repaired(moved, loss);
    }

    /** One block of columns, row by row; fills errors (rows, end - start). */
    private static double block(Matrix moved, InverseFactor factor, int start, int end, Pattern pattern, boolean[] pruned, float[] errors) {
        int columns = moved.columns(), width = end - start;
        float[] values = moved.values(), upper = blockOf(factor, start, end);   // (width, width)
        double[] losses = new double[moved.rows()];
        Rows.parallel(moved.rows(), (from, to) -> {
            float[] scores = new float[columns];
            BlockSelection selection = new BlockSelection(width);
            for (int r = from; r < to; r++) {
                int row = r * columns;
                for (int i = start; i < end; i++) {
                    if (pattern instanceof Pattern.ZerosPerBlock blocks && (i - start) % blocks.blockSize() == 0) {
                        int last = Math.min(end, i + blocks.blockSize());
                        for (int j = i; j < last; j++) {
                            scores[j] = score(values[row + j], upper[(j - start) * (width + 1)]);
                        }
                        selection.mark(scores, i, last, blocks.zeros(), pruned, row);
                    }
                    if (pruned[row + i] && factor.dead()[i]) {
                        values[row + i] = 0f;   // no input uses it: nothing to make up for
                    } else if (pruned[row + i]) {
                        int diagonal = (i - start) * (width + 1);
                        float error = values[row + i] / upper[diagonal];
                        PlainAlgebra.subtractScaled(end - i - 1, error, upper, diagonal + 1, values, row + i + 1);
                        values[row + i] = 0f;
                        errors[r * width + i - start] = error;
                        losses[r] += (double) error * error / 2;
                    }
                }
            }
        });
        return DoubleStream.of(losses).sum();
    }

    /** A copy of U's diagonal block: rows of U itself lie a power of two apart, where they push each other out of the cache. */
    private static float[] blockOf(InverseFactor factor, int start, int end) {
        int width = end - start;
        float[] block = new float[width * width];
        for (int i = 0; i < width; i++) {
            System.arraycopy(factor.upper(), (start + i) * factor.columns() + start, block, i * width, width);
        }
        return block;
    }

    private static void markThreshold(Matrix moved, InverseFactor factor, int start, int end, double sparsity, boolean[] pruned) {
        int columns = moved.columns(), width = end - start;
        float[] scores = new float[moved.rows() * width];
        for (int r = 0; r < moved.rows(); r++) {
            for (int j = start; j < end; j++) {
                scores[r * width + j - start] = score(moved.values()[r * columns + j], factor.upper()[j * columns + j]);
            }
        }
        boolean[] block = PruningMask.wholeMatrix(scores, sparsity);
        for (int r = 0; r < moved.rows(); r++) {
            System.arraycopy(block, r * width, pruned, r * columns + start, width);
        }
    }

    /** A weight that stays and that the repair moved to 0.0 would count as one zero too many. */
    private static void keepCounts(Matrix moved, boolean[] pruned) {
        for (int k = 0; k < pruned.length; k++) {
            if (!pruned[k] && moved.values()[k] == 0f) {
                moved.values()[k] = Float.MIN_NORMAL;
            }
        }
    }

    static float score(float w, float diagonal) {
        return w * w / (diagonal * diagonal);
    }

    private static void clearDead(Matrix w, InverseFactor factor) {
        for (int k = 0; k < w.values().length; k++) {
            if (factor.dead()[k % w.columns()]) {
                w.values()[k] = 0f;
            }
        }
    }
}
