package dev.kogata.core.search;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Truncated normals on [low, high]. */
final class ContinuousKernels implements Kernels {

    /** Mass of a kernel inside the range is at least Phi(1) - Phi(0), as its mean is inside and sigma at most the range. */
    private static final double GREATEST_LOG_CUT = 1.0749;

    private final Axis axis;
    private final SortedKernels sorted;
    private final Scratch scratch;
    private NormalMixture mixture;
    // Only where there are other parameters, or samples:
    private double[] mean; // [kernel]
    private double[] sigma; // [kernel]
    private double[] precision; // [kernel] 1 / sigma
    private double narrowest;
    private double logNarrowest;
    /** -log(sigma * sqrt(2 pi) * mass inside), computed when first needed: most kernels are too far away to be asked. */
    private double[] logScale;

    ContinuousKernels(Axis axis, SortedKernels sorted, Scratch scratch) {
        this.axis = axis;
        this.sorted = sorted;
        this.scratch = scratch;
    }

    /** Kernels by number; they stay by rank as long as nothing asks for one. */
    private void number() {
        if (mean != null) {
            return;
        }
        mean = sorted.byKernel(sorted.mean(), SortedKernels.priorMean(axis), scratch);
        sigma = sorted.byKernel(sorted.sigma(), SortedKernels.priorSigma(axis), scratch);
        int count = sorted.count() + 1;
        logScale = scratch.doubles(count);
        Arrays.fill(logScale, 0, count, Double.NaN);
        narrowest = sorted.narrowest();
        logNarrowest = StrictMath.log(narrowest);
        precision = scratch.doubles(count);
        double most = 1 / narrowest;
        for (int k = 0; k < count; k++) {
            precision[k] = sigma[k] == narrowest ? most : 1 / sigma[k]; // most are the narrowest, and a division is dear
        }
    }

    @Override
    public double place(double value) {
        return axis.place(value);
    }

    @Override
    public void addLogDensities(double place, int[] some, int count, double[] sums) {
        number();
        boolean outside = outside(place);
        for (int i = 0; i < count; i++) {
            int kernel = some[i];
            double scale = logScale[kernel];
            if (scale != scale) {
                scale = logScale(kernel);
                logScale[kernel] = scale;
            }
            double z = (place - mean[kernel]) * precision[kernel];
            sums[kernel] += outside ? Double.NEGATIVE_INFINITY : scale - 0.5 * z * z;
        }
    }

    private double logScale(int kernel) {
        double logSigma = sigma[kernel] == narrowest ? logNarrowest : StrictMath.log(sigma[kernel]);
        double outside = Normal.tail((mean[kernel] - axis.low()) * precision[kernel]) + Normal.tail((axis.high() - mean[kernel]) * precision[kernel]);
        return -logSigma - Normal.LOG_SQRT_2_PI - (outside == 0 ? 0 : StrictMath.log1p(-outside));
    }

    @Override
    public double greatestLogDensity() {
        number();
        return -logNarrowest - Normal.LOG_SQRT_2_PI + GREATEST_LOG_CUT;
    }

    @Override
    public double density(double place, double[] weight) {
        return outside(place) ? 0 : mixture(weight).density(place);
    }

    @Override
    public double leastDensity(double place, double[] weight) {
        return outside(place) ? 0 : mixture(weight).leastDensity(place);
    }

    private boolean outside(double place) {
        return place < axis.low() || place > axis.high();
    }

    private NormalMixture mixture(double[] weight) {
        if (mixture == null) {
            mixture = new NormalMixture(axis, sorted, weight, scratch);
        }
        return mixture;
    }

    @Override
    public double sample(int kernel, SplittableRandom random) {
        boolean prior = kernel == sorted.count();
        if (prior) {
            return sample(SortedKernels.priorMean(axis), SortedKernels.priorSigma(axis), random);
        }
        number();
        return sample(mean[kernel], sigma[kernel], random);
    }

    private double sample(double mean, double sigma, SplittableRandom random) {
        return axis.value(Normal.truncated(random, mean, sigma, axis.low(), axis.high()));
    }
}
