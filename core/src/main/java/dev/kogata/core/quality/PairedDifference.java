package dev.kogata.core.quality;

/**
 * How far the mean divergences of two models are apart, measured on the same conversations. What a conversation adds to both
 * cancels, so much smaller differences can be told from chance than by the two standard errors alone.
 *
 * @param difference mean divergence of the first less that of the second, in nats
 * @param standardError its standard error over conversations; 0 for a single conversation, whose spread is unknown
 */
public record PairedDifference(double difference, double standardError) {

    /**
     * The difference d of two ratios with one denominator, sum of KL over sum of tokens, and its standard error
     * {@code sqrt(n / (n - 1) * sum_i (a_i - b_i - d * tokens_i)^2) / sum of tokens} (as {@link QualityMeter}'s, of the differences).
     *
     * @param first (conversations): sums of the first model's divergence over the answer positions
     * @param second (conversations): the second model's
     * @param tokens (conversations): answer positions of each
     */
    public static PairedDifference of(double[] first, double[] second, int[] tokens) {
        int n = tokens.length;
        if (first.length != n || second.length != n || n == 0) {
            throw new IllegalArgumentException("%d and %d divergences of %d conversations".formatted(first.length, second.length, n));
        }
        double sum = 0;
        long all = 0;
        for (int i = 0; i < n; i++) {
            sum += first[i] - second[i];
            all += tokens[i];
        }
        double ratio = sum / all;
        double squares = 0;
        for (int i = 0; i < n; i++) {
            double residual = first[i] - second[i] - ratio * tokens[i];
            squares += residual * residual;
        }
        return new PairedDifference(ratio, n < 2 ? 0 : Math.sqrt(squares * n / (n - 1)) / all);
    }

    /** How many standard errors the difference is; 0 where nothing is known of the spread. */
    public double standardErrors() {
        return standardError > 0 ? Math.abs(difference) / standardError : 0;
    }
}
