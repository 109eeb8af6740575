package dev.kogata.core.search;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Truncated normals on [low - step/2, high + step/2], with all mass of a step at its middle. */
final class SteppedKernels implements Kernels {

    /** Masses are tabled where the table stays below 8 MiB. */
    private static final long LARGEST_TABLE = 1 << 20;

    private final Axis axis;
    private final double[] mean;
    private final double[] sigma;
    /** Equal kernels share a group: observations on few steps make few different kernels. */
    private final int[] group;
    private final int places;
    /** (group, step) -> log mass; empty where it would be too large. */
    private final double[] table;

    /** Kernels with the order of the observations by their means: equal ones are neighbours there. */
    SteppedKernels(Axis axis, double[] mean, double[] sigma, int[] order) {
        this.axis = axis;
        this.mean = mean;
        this.sigma = sigma;
        group = new int[mean.length];
        int groups = 0;
        int previous = -1;
        for (int kernel : order) {
            if (previous >= 0 && (mean[kernel] != mean[previous] || sigma[kernel] != sigma[previous])) {
                groups++;
            }
            group[kernel] = groups;
            previous = kernel;
        }
        groups++;
        int prior = mean.length - 1;
        group[prior] = groups++;
        double steps = (axis.high() - axis.low()) / axis.step() + 1.5;
        boolean small = steps * groups < LARGEST_TABLE;
        places = small ? (int) steps : 0;
        table = new double[places * groups];
        Arrays.fill(table, Double.NaN);
    }

    @Override
    public double place(double value) {
        return value;
    }

    @Override
    public void addLogDensities(double place, int[] some, int count, double[] sums) {
        int step = (int) Math.rint((place - axis.low()) / axis.step());
        boolean tabled = step >= 0 && step < places && axis.low() + step * axis.step() == place;
        for (int i = 0; i < count; i++) {
            sums[some[i]] += tabled ? tabled(some[i], step, place) : logMass(some[i], place);
        }
    }

    private double tabled(int kernel, int step, double place) {
        int cell = group[kernel] * places + step;
        double known = table[cell];
        if (known != known) {
            known = logMass(kernel, place);
            table[cell] = known;
        }
        return known;
    }

    private double logMass(int kernel, double place) {
        double half = axis.step() / 2;
        double lowest = axis.low() - half;
        double highest = axis.high() + half;
        double m = mean[kernel];
        double s = sigma[kernel];
        return Normal.logMass((Math.max(place - half, lowest) - m) / s, (Math.min(place + half, highest) - m) / s)
                - Normal.logMass((lowest - m) / s, (highest - m) / s);
    }

    @Override
    public double greatestLogDensity() {
        return 0;
    }

    @Override
    public double sample(int kernel, SplittableRandom random) {
        double half = axis.step() / 2;
        return axis.value(Normal.truncated(random, mean[kernel], sigma[kernel], axis.low() - half, axis.high() + half));
    }
}
