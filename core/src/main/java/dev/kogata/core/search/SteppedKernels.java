package dev.kogata.core.search;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Truncated normals from half a step below the lowest value to half a step above the highest, with all mass of a step at its middle. */
final class SteppedKernels implements Kernels {

    /** Masses are tabled where the table stays below 8 MiB. */
    private static final long LARGEST_TABLE = 1 << 20;

    private final Axis axis;
    private final double[] mean;
    private final double[] sigma;
    /** Equal kernels share a group: observations on few steps make few different kernels. */
    private final int[] group;
    private final int[] first; // [group]: one of its kernels
    private final int places;
    private final double[] table; // (group, step) -> log mass; empty where it would be too large
    private double[] groupWeight;
    private double[] density; // [step] of the mixture; NaN where not known

    /** @param ascending (rank) -> kernel, without the prior: kernels of equal means are neighbours there */
    SteppedKernels(Axis axis, double[] mean, double[] sigma, int[] ascending) {
        this.axis = axis;
        this.mean = mean;
        this.sigma = sigma;
        group = new int[mean.length];
        int[] firsts = new int[mean.length];
        int groups = 0;
        int same = 0; // the first group of this mean
        for (int rank = 0; rank < ascending.length; rank++) {
            int kernel = ascending[rank];
            if (rank > 0 && mean[kernel] != mean[ascending[rank - 1]]) {
                same = groups;
            }
            int g = same;
            while (g < groups && sigma[firsts[g]] != sigma[kernel]) {
                g++;
            }
            if (g == groups) {
                firsts[groups++] = kernel;
            }
            group[kernel] = g;
        }
        int prior = mean.length - 1;
        group[prior] = groups;
        firsts[groups++] = prior;
        first = Arrays.copyOf(firsts, groups);
        boolean small = axis.steps() * groups < LARGEST_TABLE;
        places = small ? (int) axis.steps() : 0;
        table = new double[places * groups];
        Arrays.fill(table, Double.NaN);
    }

    @Override
    public double place(double value) {
        return value;
    }

    @Override
    public void addLogDensities(double value, int[] some, int count, double[] sums) {
        int step = step(value);
        for (int i = 0; i < count; i++) {
            sums[some[i]] += step >= 0 ? tabled(some[i], step, value) : logMass(some[i], value);
        }
    }

    /** Number of the step that this very value is, -1 where it is none or not tabled. */
    private int step(double value) {
        double step = axis.stepOf(value);
        return step >= 0 && step < places && axis.valueOf(step) == value ? (int) step : -1;
    }

    private double tabled(int kernel, int step, double value) {
        int cell = group[kernel] * places + step;
        double known = table[cell];
        if (known != known) {
            known = logMass(kernel, value);
            table[cell] = known;
        }
        return known;
    }

    private double logMass(int kernel, double value) {
        double m = mean[kernel];
        double s = sigma[kernel];
        return Normal.logMass((axis.below(value) - m) / s, (axis.above(value) - m) / s)
                - Normal.logMass((axis.lowest() - m) / s, (axis.highest() - m) / s);
    }

    @Override
    public double greatestLogDensity() {
        return 0;
    }

    @Override
    public double density(double value, double[] weight, double reach) {
        if (groupWeight == null) {
            groupWeight = new double[first.length];
            for (int k = 0; k < group.length; k++) {
                groupWeight[group[k]] += weight[k];
            }
            for (int g = 0; g < first.length; g++) {
                double m = mean[first[g]];
                double s = sigma[first[g]];
                groupWeight[g] /= 1 - Normal.tail((m - axis.lowest()) / s) - Normal.tail((axis.highest() - m) / s);
            }
            density = new double[places];
            Arrays.fill(density, Double.NaN);
        }
        int step = step(value);
        if (step >= 0 && density[step] == density[step]) {
            return density[step];
        }
        double below = axis.below(value);
        double above = axis.above(value);
        double sum = 0;
        for (int g = 0; g < first.length; g++) {
            sum += groupWeight[g] * Normal.mass((below - mean[first[g]]) / sigma[first[g]], (above - mean[first[g]]) / sigma[first[g]]);
        }
        if (step >= 0) {
            density[step] = sum;
        }
        return sum;
    }

    @Override
    public double sample(int kernel, SplittableRandom random) {
        return axis.value(Normal.truncated(random, mean[kernel], sigma[kernel], axis.lowest(), axis.highest()));
    }
}
