package dev.kogata.core.search;

import java.util.SplittableRandom;

/** One dimension of the kernels of a Parzen estimator: one kernel per observation, then the prior's. Not thread-safe (caches). */
sealed interface Kernels permits ContinuousKernels, SteppedKernels, ChoiceKernels, PointKernels {

    /** What densities take for a value of the parameter. */
    double place(double value);

    /** Adds the log densities of some kernels at a place to their sums. */
    void addLogDensities(double place, int[] some, int count, double[] sums);

    /** No log density of any kernel is greater. */
    double greatestLogDensity();

    /**
     * The mixture of all kernels at a place, where this is the only dimension.
     *
     * @param weight (kernel)
     */
    double density(double place, double[] weight);

    /** At most {@link #density} (but for rounding), where that is dear, in a fraction of its time. */
    default double leastDensity(double place, double[] weight) {
        return density(place, weight);
    }

    /** A value of the parameter drawn from one kernel. */
    double sample(int kernel, SplittableRandom random);
}
