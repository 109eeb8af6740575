package dev.kogata.core.allocate;

/**
 * A rule that spreads a mean sparsity over layers. Means are per layer, not per weight, so what comes out is a wish: the
 * projection on the byte budget, which also bounds it, makes a plan of it.
 */
public interface LayerAllocation {
    /**
     * Spreads a sparsity.
     *
     * @param mean mean sparsity of the layers, in [0, 1)
     * @return (layers): sparsity of each; their mean is {@code mean}
     */
    double[] sparsities(double mean);

    /** Refuses what is no mean sparsity. */
    static void checkMean(double mean) {
        if (!(mean >= 0 && mean < 1)) {
            throw new IllegalArgumentException("a mean sparsity of " + mean + "; it must be in [0, 1)");
        }
    }
}
