package dev.kogata.core.search;

import java.util.SplittableRandom;

/** One dimension of the kernels of a Parzen estimator: one kernel per observation, then the prior's. Not thread-safe (caches). */
sealed interface Kernels permits ContinuousKernels, SteppedKernels, ChoiceKernels, PointKernels {

    /** Every kernel that counts in {@link #density}. */
    double ALL = Double.POSITIVE_INFINITY;

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
     * @param reach kernels this many deviations away may be left out, which is faster and at most the density; {@link #ALL} for none
     *     that counts
     */
    double density(double place, double[] weight, double reach);

    /** A value of the parameter drawn from one kernel. */
    double sample(int kernel, SplittableRandom random);
}
