package dev.kogata.core.search;

import java.util.SplittableRandom;

/** One dimension of the kernels of a Parzen estimator: one kernel per observation, then the prior's. Not thread-safe (caches). */
sealed interface Kernels permits ContinuousKernels, SteppedKernels, ChoiceKernels {

    /** What {@link #logDensity} takes for a value of the parameter. */
    double place(double value);

    /** Adds the log densities of some kernels at a place to their sums. */
    void addLogDensities(double place, int[] some, int count, double[] sums);

    /** No log density of any kernel is greater. */
    double greatestLogDensity();

    /** A value of the parameter drawn from one kernel. */
    double sample(int kernel, SplittableRandom random);
}
