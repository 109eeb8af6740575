package dev.kogata.core.allocate;

import java.util.Arrays;

/**
 * OWL (arXiv 2310.05175): layers with many outliers in {@code A = abs(W) * sqrt(m)} are pruned less. With D_l the percentage
 * of A above {@value #THRESHOLD} times its mean: {@code r = (D - min) / (max - min) * 2 * lambda;
 * sparsity_l = 1 - (r_l - mean(r) + 1 - S)}. Where all layers are alike, which the original divides by zero for, uniform.
 * At an extreme mean sparsity a layer's can leave [0, 1), as in the original.
 *
 * @param outlierPercent (layers): D, see {@link #outlierPercent}
 * @param lambda how far a layer may lie from the mean
 */
public record Owl(double[] outlierPercent, double lambda) implements LayerAllocation {
    /** The original's choice of lambda. */
    public static final double LAMBDA = 0.08;
    /** How many times the mean makes an outlier. */
    public static final double THRESHOLD = 5;

    /**
     * Percentage of outliers of one layer.
     *
     * @param metric A of all weights of the layer, in pieces of any size
     * @param threshold how many times the mean makes an outlier
     */
    public static double outlierPercent(Iterable<float[]> metric, double threshold) {
        double sum = 0;
        long count = 0;
        for (float[] piece : metric) {
            for (float a : piece) {
                sum += a;
            }
            count += piece.length;
        }
        if (count == 0) {
            return 0;
        }
        float border = (float) (sum / count) * (float) threshold;   // in float32, as the original
        long above = 0;
        for (float[] piece : metric) {
            for (float a : piece) {
                above += a > border ? 1 : 0;
            }
        }
        return (double) above / count * 100;
    }

    @Override
    public double[] sparsities(double mean) {
        LayerAllocation.checkMean(mean);
        double min = Arrays.stream(outlierPercent).min().orElse(0), max = Arrays.stream(outlierPercent).max().orElse(0);
        double[] ratio = Arrays.stream(outlierPercent).map(d -> max == min ? 0 : (d - min) * (1 / (max - min) * lambda * 2)).toArray();
        double middle = Arrays.stream(ratio).average().orElse(0);
        return Arrays.stream(ratio).map(r -> 1 - (r - middle + (1 - mean))).toArray();
    }
}
