package dev.kogata.core.prune;

/**
 * Exact zeros per output row for SparseGPT, which goes through blocks of columns: the row's count is shared out over its
 * blocks as the lowest scores of the whole row fall before anything moves, and within a block the lowest of the moved weights
 * die. Zeros by value come first, so that none is counted twice, then weights of dead inputs.
 */
final class RowQuotas {
    private final int[][] quotas;   // (rows, blocks)
    private final int columnBlock;

    private RowQuotas(int[][] quotas, int columnBlock) {
        this.quotas = quotas;
        this.columnBlock = columnBlock;
    }

    /** @param zeros (rows) */
    static RowQuotas of(Matrix w, InverseFactor factor, int[] zeros, int columnBlock) {
        int columns = w.columns();
        if (zeros.length != w.rows()) {
            throw new IllegalArgumentException("counts of %d rows for %d".formatted(zeros.length, w.rows()));
        }
        int[][] quotas = new int[w.rows()][(columns + columnBlock - 1) / columnBlock];
        Rows.parallel(w.rows(), (from, to) -> {
            RowSelection selection = new RowSelection(columns);
            boolean[] pruned = new boolean[columns];
            for (int i = from; i < to; i++) {
                if (zeros[i] < 0 || zeros[i] > columns) {
                    throw new IllegalArgumentException("%d zeros in row %d of %d columns".formatted(zeros[i], i, columns));
                }
                scores(w, factor, i, 0, columns, selection.scores());
                selection.lowest(zeros[i], w.values(), i * columns, pruned, 0);
                for (int j = 0; j < columns; j++) {
                    quotas[i][j / columnBlock] += pruned[j] ? 1 : 0;
                }
            }
        });
        return new RowQuotas(quotas, columnBlock);
    }

    /** Marks what dies in columns {@code start} to before {@code end}. */
    void mark(Matrix w, InverseFactor factor, int start, int end, boolean[] pruned) {
        Rows.parallel(w.rows(), (from, to) -> {
            RowSelection selection = new RowSelection(end - start);
            for (int i = from; i < to; i++) {
                scores(w, factor, i, start, end, selection.scores());
                selection.lowest(quotas[i][start / columnBlock], w.values(), i * w.columns() + start, pruned, i * w.columns() + start);
            }
        });
    }

    /** abs(w) / U_jj, which ranks as its square does and does not vanish as early. */
    private static void scores(Matrix w, InverseFactor factor, int row, int start, int end, float[] scores) {
        for (int j = start; j < end; j++) {
            scores[j - start] = factor.dead()[j] ? 0 : Math.abs(w.values()[row * w.columns() + j]) / factor.upper()[j * w.columns() + j];
        }
    }
}
