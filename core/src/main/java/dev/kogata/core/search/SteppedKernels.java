package dev.kogata.core.search;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Truncated normals from half a step below the lowest value to half a step above the highest, with all mass of a step at its middle. */
final class SteppedKernels implements Kernels {

    /** Masses are tabled where the table stays below 8 MiB. */
    private static final long LARGEST_TABLE = 1 << 20;

    private final Axis axis;
    /** Equal kernels share a group: observations on few steps make few different kernels. */
    private final int[] group; // [kernel]
    private final double[] mean; // [group]
    private final double[] sigma; // [group]
    private final double[] logInside; // [group] mass within the range
    private final int places;
    private final double[] table; // (group, step) -> log mass; empty where it would be too large
    private double[] groupWeight; // [group] over the mass within the range
    private double[] density; // [step] of the mixture; NaN where not known

    SteppedKernels(Axis axis, SortedKernels sorted) {
        this.axis = axis;
        int count = sorted.count();
        group = new int[count + 1];
        double[] means = new double[count + 1];
        double[] sigmas = new double[count + 1];
        int groups = 0;
        int same = 0; // the first group of this mean
        for (int rank = 0; rank < count; rank++) {
            double m = sorted.mean()[rank];
            double s = sorted.sigma()[rank];
            same = rank > 0 && m != means[same] ? groups : same;
            int g = same;
            while (g < groups && sigmas[g] != s) {
                g++;
            }
            means[g] = m;
            sigmas[g] = s;
            groups = Math.max(groups, g + 1);
            group[sorted.kernel()[rank]] = g;
        }
        group[count] = groups;
        means[groups] = SortedKernels.priorMean(axis);
        sigmas[groups++] = SortedKernels.priorSigma(axis);
        mean = Arrays.copyOf(means, groups);
        sigma = Arrays.copyOf(sigmas, groups);
        logInside = new double[groups];
        Arrays.fill(logInside, Double.NaN);
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
            int g = group[some[i]];
            sums[some[i]] += step >= 0 ? tabled(g, step, value) : logMass(g, value);
        }
    }

    /** Number of the step that this very value is, -1 where it is none or not tabled. */
    private int step(double value) {
        double step = axis.stepOf(value);
        return step >= 0 && step < places && axis.valueOf(step) == value ? (int) step : -1;
    }

    private double tabled(int g, int step, double value) {
        int cell = g * places + step;
        double known = table[cell];
        if (known != known) {
            known = logMass(g, value);
            table[cell] = known;
        }
        return known;
    }

    private double logMass(int g, double value) {
        if (logInside[g] != logInside[g]) {
            logInside[g] = StrictMath.log(inside(g));
        }
        return Normal.logMass((axis.below(value) - mean[g]) / sigma[g], (axis.above(value) - mean[g]) / sigma[g]) - logInside[g];
    }

    private double inside(int g) {
        return 1 - Normal.tail((mean[g] - axis.lowest()) / sigma[g]) - Normal.tail((axis.highest() - mean[g]) / sigma[g]);
    }

    @Override
    public double greatestLogDensity() {
        return 0;
    }

    @Override
    public double density(double value, double[] weight) {
        if (groupWeight == null) {
            groupWeight = new double[mean.length];
            for (int k = 0; k < group.length; k++) {
                groupWeight[group[k]] += weight[k];
            }
            for (int g = 0; g < mean.length; g++) {
                groupWeight[g] /= inside(g);
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
        for (int g = 0; g < mean.length; g++) {
            sum += groupWeight[g] * Normal.mass((below - mean[g]) / sigma[g], (above - mean[g]) / sigma[g]);
        }
        if (step >= 0) {
            density[step] = sum;
        }
        return sum;
    }

    @Override
    public double sample(int kernel, SplittableRandom random) {
        return axis.value(Normal.truncated(random, mean[group[kernel]], sigma[group[kernel]], axis.lowest(), axis.highest()));
    }
}
