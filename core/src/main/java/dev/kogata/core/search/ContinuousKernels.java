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
    /** -log(sigma * sqrt(2 pi) * mass inside), computed when first needed: most kernels are too far away to be asked. */
    private final double[] logScale;
    private final double greatest;

    ContinuousKernels(Axis axis, double[] mean, double[] sigma) {
        this.axis = axis;
        this.mean = mean;
        this.sigma = sigma;
        logScale = new double[mean.length];
        Arrays.fill(logScale, Double.NaN);
        double narrowest = Double.POSITIVE_INFINITY;
        for (double one : sigma) {
            narrowest = Math.min(narrowest, one);
        }
        greatest = -StrictMath.log(narrowest) - Normal.LOG_SQRT_2_PI + GREATEST_LOG_CUT;
    }

    @Override
    public double place(double value) {
        return axis.place(value);
    }

    @Override
    public double logDensity(int kernel, double place) {
        if (place < axis.low() || place > axis.high()) {
            return Double.NEGATIVE_INFINITY;
        }
        double z = (place - mean[kernel]) / sigma[kernel];
        double scale = logScale[kernel];
        if (scale != scale) {
            scale = -StrictMath.log(sigma[kernel]) - Normal.LOG_SQRT_2_PI
                    - Normal.logMass((axis.low() - mean[kernel]) / sigma[kernel], (axis.high() - mean[kernel]) / sigma[kernel]);
            logScale[kernel] = scale;
        }
        return scale - 0.5 * z * z;
    }

    @Override
    public double greatestLogDensity() {
        return greatest;
    }

    @Override
    public double sample(int kernel, SplittableRandom random) {
        return axis.value(Normal.truncated(random, mean[kernel], sigma[kernel], axis.low(), axis.high()));
    }
}
