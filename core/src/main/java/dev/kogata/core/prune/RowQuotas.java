package dev.kogata.core.prune;

/**
 * Exact zeros per output row for SparseGPT, which goes through blocks of columns: the row's count is shared out over its
 * blocks as the lowest scores of the whole row fall before anything moves, and within a block the lowest of the moved weights
 * die. Zeros by value come first, so that none is counted twice, then weights of dead inputs.
 */
final class RowQuotas {
    private final int[][] quotas;   // (rows, blocks)
    private final float[] diagonal;   // (columns): of U; infinite for dead inputs, whose weights so score 0
    private final int columnBlock;

    private RowQuotas(int[][] quotas, float[] diagonal, int columnBlock) {
        this.quotas = quotas;
        this.diagonal = diagonal;
        this.columnBlock = columnBlock;
    }

    /** @param zeros (rows) */
    static RowQuotas of(Matrix w, InverseFactor factor, int[] zeros, int columnBlock) {
        int columns = w.columns();
        if (zeros.length != w.rows()) {
            throw new IllegalArgumentException("counts of %d rows for %d".formatted(zeros.length, w.rows()));
        }
        float[] diagonal = new float[columns];
        for (int j = 0; j < columns; j++) {
            diagonal[j] = factor.dead()[j] ? Float.POSITIVE_INFINITY : factor.upper()[j * columns + j];
        }
        int[][] quotas = new int[w.rows()][(columns + columnBlock - 1) / columnBlock];
        Rows.parallel(w.rows(), (from, to) -> {
            RowSelection selection = new RowSelection(columns, false);
            boolean[] pruned = new boolean[columns];
            for (int i = from; i < to; i++) {
                if (zeros[i] < 0 || zeros[i] > columns) {
                    throw new IllegalArgumentException("%d zeros in row %d of %d columns".formatted(zeros[i], i, columns));
                }
                scores(w, diagonal, i, 0, columns, selection.scores());
                selection.lowest(zeros[i], w.values(), i * columns, pruned, 0);
                for (int j = 0; j < columns; j++) {
                    quotas[i][j / columnBlock] += pruned[j] ? 1 : 0;
                }
            }
        });
        return new RowQuotas(quotas, diagonal, columnBlock);
    }

    /** Marks what dies in columns {@code start} to before {@code end}. */
    void mark(Matrix w, int start, int end, boolean[] pruned) {
        Rows.parallel(w.rows(), (from, to) -> {
            RowSelection selection = new RowSelection(end - start, false);
            for (int i = from; i < to; i++) {
                scores(w, diagonal, i, start, end, selection.scores());
                selection.lowest(quotas[i][start / columnBlock], w.values(), i * w.columns() + start, pruned, i * w.columns() + start);
            }
        });
    }

    /** abs(w) / U_jj, which ranks as its square does and does not vanish as early. */
    private static void scores(Matrix w, float[] diagonal, int row, int start, int end, float[] scores) {
        for (int j = start, k = row * w.columns() + start; j < end; j++, k++) {
            scores[j - start] = Math.abs(w.values()[k]) / diagonal[j];
        }
    }
}
