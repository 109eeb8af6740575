package dev.kogata.core.search;

import java.util.SplittableRandom;

/** Kernels of a real number that can take one value only: all mass is there. */
record PointKernels(double value) implements Kernels {

    @Override
    public double place(double value) {
        return value;
    }

    @Override
    public void addLogDensities(double place, int[] some, int count, double[] sums) {
    }

    @Override
    public double greatestLogDensity() {
        return 0;
    }

    @Override
    public double density(double place, double[] weight) {
        return 1;
    }

    @Override
    public double sample(int kernel, SplittableRandom random) {
        return value;
    }
}
