package dev.kogata.core.allocate;

import java.util.SplittableRandom;

/**
 * Sparsities drawn evenly around the mean and shifted back to it: what a search must beat. The same seed gives the same.
 *
 * @param layers number of layers
 * @param spread how far a draw may lie from the mean
 * @param seed of the draws
 */
public record RandomAllocation(int layers, double spread, long seed) implements LayerAllocation {
    public RandomAllocation {
        if (layers < 1 || !(spread >= 0)) {
            throw new IllegalArgumentException("%d layers with a spread of %s".formatted(layers, spread));
        }
    }

    @Override
    public double[] sparsities(double mean) {
        LayerAllocation.checkMean(mean);
        SplittableRandom random = new SplittableRandom(seed);
        double bound = Math.min(spread, Math.min(mean, 1 - mean) / 2);   // shifted back by at most as much, it stays in [0, 1]
        double[] sparsities = new double[layers];
        double sum = 0;
        for (int l = 0; l < layers; l++) {
            sparsities[l] = bound * (2 * random.nextDouble() - 1);
            sum += sparsities[l];
        }
        for (int l = 0; l < layers; l++) {
            sparsities[l] += mean - sum / layers;
        }
        return sparsities;
    }
}
