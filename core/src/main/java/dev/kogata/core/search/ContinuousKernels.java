package dev.kogata.core.search;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Truncated normals on [low, high]. */
final class ContinuousKernels implements Kernels {

    /** Mass of a kernel inside the range is at least Phi(1) - Phi(0), as its mean is inside and sigma at most the range. */
    private static final double GREATEST_LOG_CUT = 1.0749;

    private final Axis axis;
    private final double[] mean;
    private final double[] sigma;
    private final double[] precision; // 1 / sigma
    private final int[] ascending; // [rank] -> kernel, without the prior
    private final double narrowest;
    private final double logNarrowest;
    /** -log(sigma * sqrt(2 pi) * mass inside), computed when first needed: most kernels are too far away to be asked. */
    private final double[] logScale;
    private final double greatest;
    private NormalMixture mixture;

    ContinuousKernels(Axis axis, double[] mean, double[] sigma, int[] ascending) {
        this.axis = axis;
        this.mean = mean;
        this.sigma = sigma;
        this.ascending = ascending;
        logScale = new double[mean.length];
        Arrays.fill(logScale, Double.NaN);
        double least = sigma[0];
        for (double s : sigma) {
            least = Math.min(least, s);
        }
        narrowest = least;
        logNarrowest = StrictMath.log(least);
        greatest = -logNarrowest - Normal.LOG_SQRT_2_PI + GREATEST_LOG_CUT;
        precision = new double[mean.length];
        double most = 1 / least;
        for (int k = 0; k < sigma.length; k++) {
            precision[k] = sigma[k] == least ? most : 1 / sigma[k]; // most are the narrowest, and a division is dear
        }
    }

    @Override
    public double place(double value) {
        return axis.place(value);
    }

    @Override
    public void addLogDensities(double place, int[] some, int count, double[] sums) {
        boolean outside = place < axis.low() || place > axis.high();
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
        return -logSigma - Normal.LOG_SQRT_2_PI
                - Normal.logMass((axis.low() - mean[kernel]) * precision[kernel], (axis.high() - mean[kernel]) * precision[kernel]);
    }

    @Override
    public double greatestLogDensity() {
        return greatest;
    }

    @Override
    public double density(double place, double[] weight, double reach) {
        if (place < axis.low() || place > axis.high()) {
            return 0;
        }
        if (mixture == null) {
            mixture = new NormalMixture(axis, mean, precision, weight, ascending);
        }
        return mixture.density(place, reach);
    }

    @Override
    public double sample(int kernel, SplittableRandom random) {
        return axis.value(Normal.truncated(random, mean[kernel], sigma[kernel], axis.low(), axis.high()));
    }
}
