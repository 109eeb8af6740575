package dev.kogata.core.cache;

/**
 * Factors by which key channels are divided before they are quantized, and query channels multiplied, which leaves every
 * product q.k as it is. Keys have a few channels much larger than the others (KIVI, arXiv 2402.02750); quantized per token,
 * those set the step for all. The step is proportional to {@code max_i |k_i| / f_i} and the error of q.k to
 * {@code step^2 * sum_i (q_i * f_i)^2}: were every channel at its range in every token, factors proportional to the ranges would be best.
 * But a token is large in a few channels only, so that full factors blow up errors more than they shrink steps; the
 * square root of the range is the better bargain (on keys of shapes-llava at 2 bits: mean square error 0.129 of the keys'
 * with the root, 0.158 with the range, 0.195 without factors). The two channels of a rotary pair get one factor, so
 * that it commutes with the rotation and can be folded into the projections.
 */
public final class KeyFactors {
    /** Factors stay within this ratio of their head's mean, so that a nearly dead channel cannot blow up. */
    private static final double BOUND = 8;

    private KeyFactors() {}

    /** Which channels of a head rotary embedding turns together. */
    public enum Pairs {
        /** Channels half a head apart. */
        HALVES,
        /** Neighbouring channels. */
        NEIGHBOURS,
        /** None, or not all: every channel has a factor of its own. */
        NONE;

        int partner(int channel, int headSize) {
            return switch (this) {
                case HALVES -> channel < headSize / 2 ? channel + headSize / 2 : channel - headSize / 2;
                case NEIGHBOURS -> channel ^ 1;
                case NONE -> channel;
            };
        }
    }

    /**
     * Factors from measured ranges.
     *
     * @param absoluteMaximum (kvHeads, headSize): largest magnitude of every key channel after rotary embedding
     * @param pairs which channels get one factor
     * @return (kvHeads, headSize): positive and finite; the geometric mean of a head's is 1
     */
    public static float[] calibrate(float[] absoluteMaximum, int kvHeads, int headSize, Pairs pairs) {
        if (absoluteMaximum.length != kvHeads * headSize || headSize % 2 != 0) {
            throw new IllegalArgumentException("%d ranges for %d heads of %d channels".formatted(absoluteMaximum.length, kvHeads, headSize));
        }
        float[] factors = new float[absoluteMaximum.length];
        for (int h = 0; h < kvHeads; h++) {
            double[] envelope = new double[headSize];
            double logSum = 0;
            int alive = 0;
            for (int i = 0; i < headSize; i++) {
                envelope[i] = Math.max(absoluteMaximum[h * headSize + i], absoluteMaximum[h * headSize + pairs.partner(i, headSize)]);
                if (envelope[i] > 0 && Double.isFinite(envelope[i])) {
                    logSum += Math.log(envelope[i]);
                    alive++;
                }
            }
            double mean = alive == 0 ? 1 : Math.exp(logSum / alive);
            for (int i = 0; i < headSize; i++) {
                boolean measured = envelope[i] > 0 && Double.isFinite(envelope[i]);
                factors[h * headSize + i] = (float) (measured ? Math.max(1 / BOUND, Math.min(BOUND, Math.sqrt(envelope[i] / mean))) : 1);
            }
        }
        return factors;
    }
}
