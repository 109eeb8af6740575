package dev.kogata.core.prune;

/**
 * Running mean, over sequences, of the squared norm of every input feature (Wanda, arXiv 2306.11695): after n sequences,
 * b more arrive and {@code m_j <- m_j * n / (n + b) + |X_j|^2 / (n + b)}, X_j being all their tokens in feature j. In
 * float32, as the original. Not safe for use by several threads.
 */
public final class InputNorms {
    private final float[] mean;   // (features)
    private int sequences;

    /** Norms of no sequence yet. */
    public InputNorms(int features) {
        this.mean = new float[features];
    }

    /**
     * Adds sequences.
     *
     * @param squares (features): sum of the squares over all tokens of these sequences
     * @param count how many sequences; at least 1
     */
    public void add(float[] squares, int count) {
        if (squares.length != mean.length || count < 1) {
            throw new IllegalArgumentException("%d features and %d sequences; expected %d and at least 1".formatted(squares.length, count, mean.length));
        }
        int total = sequences + count;
        float old = (float) sequences / total;
        for (int j = 0; j < mean.length; j++) {
            // The original squares torch.norm: rooted and squared again, which rounds; ties between columns hang on it.
            float norm = (float) Math.sqrt(squares[j]);
            mean[j] = mean[j] * old + norm * norm / total;
        }
        sequences = total;
    }

    /** (features): mean square norms; a copy. */
    public float[] meanSquareNorm() {
        return mean.clone();
    }
}
