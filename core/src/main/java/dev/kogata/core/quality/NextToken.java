package dev.kogata.core.quality;

/**
 * Arithmetic on next-token distributions given as float32 logits, in float64. Logits that are not finite count as the
 * worst there is: infinite divergence, infinite negative log-likelihood, no argmax.
 */
public final class NextToken {
    private NextToken() {
    }

    /**
     * KL(P || Q) = sum over tokens v of p_v * (log p_v - log q_v), in nats, where P and Q are softmax of the rows that
     * begin at {@code offset}.
     *
     * @param dense logits of P
     * @param compressed logits of Q
     */
    public static double divergence(float[] dense, float[] compressed, int offset, int vocabulary) {
        double logNormP = logSumExp(dense, offset, vocabulary), logNormQ = logSumExp(compressed, offset, vocabulary);
        if (!Double.isFinite(logNormP) || !Double.isFinite(logNormQ)) {
            return Double.POSITIVE_INFINITY;
        }
        double sum = 0;
        for (int v = offset; v < offset + vocabulary; v++) {
            double logP = dense[v] - logNormP;
            double p = Math.exp(logP);
            // A masked token (-infinity) of both has no share in the sum; 0 * infinity would make it NaN.
            if (p > 0) {
                sum += p * (logP - (compressed[v] - logNormQ));
            }
        }
        // Rounding may leave a tiny negative number where the true value is a tiny positive one.
        return Math.max(0, sum);
    }

    /** -log softmax(row)[token], in nats. */
    public static double negativeLogLikelihood(float[] logits, int offset, int vocabulary, int token) {
        double logNorm = logSumExp(logits, offset, vocabulary);
        return Double.isFinite(logNorm) ? logNorm - logits[offset + token] : Double.POSITIVE_INFINITY;
    }

    /** The most likely token, the first of equals; -1 where a logit is NaN. */
    public static int argmax(float[] logits, int offset, int vocabulary) {
        int best = 0;
        for (int v = 0; v < vocabulary; v++) {
            if (Float.isNaN(logits[offset + v])) {
                return -1;
            }
            if (logits[offset + v] > logits[offset + best]) {
                best = v;
            }
        }
        return best;
    }

    private static double logSumExp(float[] logits, int offset, int vocabulary) {
        float highest = Float.NEGATIVE_INFINITY;
        for (int v = offset; v < offset + vocabulary; v++) {
            highest = Math.max(highest, logits[v]);
        }
        double sum = 0;
        for (int v = offset; v < offset + vocabulary; v++) {
            sum += Math.exp((double) logits[v] - highest);
        }
        return highest + Math.log(sum);
    }
}
