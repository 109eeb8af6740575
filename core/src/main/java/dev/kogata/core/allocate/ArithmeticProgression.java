package dev.kogata.core.allocate;

/**
 * Sparsity that grows linearly with depth (arXiv 2502.14770): errors of early layers pass through all later ones, so these
 * are pruned more. One parameter, of which a few values are tried.
 *
 * @param layers number of layers
 * @param slope sparsity that each layer has above the one before it; never negative. The most that keeps all layers in
 *     [0, 1) is {@link #steepest}; beyond it, that one is taken
 */
public record ArithmeticProgression(int layers, double slope) implements LayerAllocation {
    public ArithmeticProgression {
        if (layers < 1 || !(slope >= 0)) {
            throw new IllegalArgumentException("%d layers with a slope of %s".formatted(layers, slope));
        }
    }

    /** The largest slope with all sparsities in [0, 1]. */
    public static double steepest(int layers, double mean) {
        LayerAllocation.checkMean(mean);
        return layers < 2 ? 0 : 2 * Math.min(mean, 1 - mean) / (layers - 1);
    }

    @Override
    public double[] sparsities(double mean) {
        double taken = Math.min(slope, steepest(layers, mean));
        double[] sparsities = new double[layers];
        for (int l = 0; l < layers; l++) {
            sparsities[l] = mean + taken * (l - (layers - 1) / 2.0);
        }
        return sparsities;
    }
}
