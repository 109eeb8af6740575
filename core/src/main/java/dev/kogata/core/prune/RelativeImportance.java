package dev.kogata.core.prune;

/**
 * An element's share of its row and of its column, times the fourth root of its input's norm: RIA (arXiv 2402.05406) with sums
 * of magnitudes, the log-norm score (code of arXiv 2507.20613) with Euclidean norms under a logarithm. A zero scores 0,
 * also in a row or column of nothing else, where the originals divide zero by zero.
 */
final class RelativeImportance {
    private RelativeImportance() {}

    static RowScores of(Matrix w, float[] norms, boolean log) {
        int rows = w.rows(), columns = w.columns();
        float[] values = w.values();
        double[] rowSum = new double[rows], columnSum = new double[columns];
        for (int i = 0, k = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++, k++) {
                double a = Math.abs(values[k]);
                double part = log ? a * a : a;
                rowSum[i] += part;
                columnSum[j] += part;
            }
        }
        float[] ofRow = norms(rowSum, log), ofColumn = norms(columnSum, log), root = new float[columns];
        for (int j = 0; j < columns; j++) {
            root[j] = (float) Math.sqrt(Math.sqrt(norms[j]));
        }
        return (i, scores) -> {
            for (int j = 0, k = i * columns; j < columns; j++, k++) {
                float a = Math.abs(values[k]);
                float share = a > 0 ? a / ofRow[i] + a / ofColumn[j] : 0;
                scores[j] = (log ? (float) Math.log1p(share) : share) * root[j];
            }
        };
    }

    private static float[] norms(double[] sums, boolean log) {
        float[] norms = new float[sums.length];
        for (int n = 0; n < norms.length; n++) {
            // Never below the smallest float: a row of denormals may have a Euclidean norm that float32 rounds to zero.
            norms[n] = Math.max(Float.MIN_VALUE, (float) Math.min(Float.MAX_VALUE, log ? Math.sqrt(sums[n]) : sums[n]));
        }
        return norms;
    }
}
