package dev.kogata.core.prune;

/** Which elements die, as the originals choose them: (out, in), true for those that become 0. */
public final class PruningMask {
    private PruningMask() {}

    /**
     * The lowest of every output row: Wanda's rule, stable by column.
     *
     * @param rows output rows
     * @param columns inputs
     * @param zeros elements of each row that die
     */
    public static boolean[] perRow(int rows, int columns, RowScores scores, int zeros) {
        checkZeros(zeros, columns);
        boolean[] pruned = new boolean[rows * columns];
        Rows.parallel(rows, (from, to) -> {
            RowSelection selection = new RowSelection(columns, false);
            for (int i = from; i < to; i++) {
                scores.row(i, selection.scores());
                selection.lowest(zeros, null, 0, pruned, i * columns);
            }
        });
        return pruned;
    }

    /** The specification of {@link #perRow}: every row sorted. */
    static boolean[] perRowBySorting(int rows, int columns, RowScores scores, int zeros) {
        checkZeros(zeros, columns);
        boolean[] pruned = new boolean[rows * columns];
        float[] row = new float[columns];
        for (int i = 0; i < rows; i++) {
            scores.row(i, row);
            int[] order = RowRanking.order(row, null, 0);
            for (int rank = 0; rank < zeros; rank++) {
                pruned[i * columns + order[rank]] = true;
            }
        }
        return pruned;
    }

    /** How many of {@code columns} a sparsity in [0, 1) prunes: the originals' {@code int(columns * sparsity)}. */
    public static int zeros(int columns, double sparsity) {
        if (!(sparsity >= 0 && sparsity < 1)) {
            throw new IllegalArgumentException("a sparsity of " + sparsity + "; it must be in [0, 1)");
        }
        return (int) (columns * sparsity);
    }

    /**
     * The lowest of every block of consecutive inputs; which of equal ones, see {@link BlockSelection}. A last block with fewer inputs loses as many, or
     * all it has.
     *
     * @param zerosPerBlock elements of each block that die
     * @param blockSize inputs of a block
     */
    public static boolean[] perBlock(int rows, int columns, RowScores scores, int zerosPerBlock, int blockSize) {
        checkZeros(zerosPerBlock, blockSize);
        boolean[] pruned = new boolean[rows * columns];
        Rows.parallel(rows, (from, to) -> {
            float[] row = new float[columns];
            BlockSelection selection = new BlockSelection(Math.min(columns, blockSize));
            for (int i = from; i < to; i++) {
                scores.row(i, row);
                for (int start = 0; start < columns; start += blockSize) {
                    selection.mark(row, start, Math.min(columns, start + blockSize), zerosPerBlock, pruned, i * columns);
                }
            }
        });
        return pruned;
    }

    /**
     * Everything up to a threshold that the whole matrix shares, at sorted[int(numel * sparsity)]: the original magnitude
     * rule. It prunes at least one element more than it was asked for, and all that equal the threshold.
     *
     * @param scores (out, in)
     */
    public static boolean[] wholeMatrix(float[] scores, double sparsity) {
        boolean[] pruned = new boolean[scores.length];
        if (scores.length > 0) {
            float threshold = KthValue.of(scores, zeros(scores.length, sparsity));
            for (int k = 0; k < scores.length; k++) {
                pruned[k] = scores[k] <= threshold;
            }
        }
        return pruned;
    }

    private static void checkZeros(int zeros, int of) {
        if (of < 0 || zeros < 0 || zeros > of) {
            throw new IllegalArgumentException("%d zeros of %d elements".formatted(zeros, of));
        }
    }
}
