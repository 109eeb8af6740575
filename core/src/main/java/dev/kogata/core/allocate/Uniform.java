package dev.kogata.core.allocate;

import java.util.Arrays;

/** The same sparsity in every layer. */
public record Uniform(int layers) implements LayerAllocation {
    @Override
    public double[] sparsities(double mean) {
        LayerAllocation.checkMean(mean);
        double[] sparsities = new double[layers];
        Arrays.fill(sparsities, mean);
        return sparsities;
    }
}
