package dev.kogata.core.search;

import java.util.Arrays;

/** How wide the kernels of a Parzen estimator are; all clipped to {@code [range / min(100, 2 + observations), range]}. */
public enum Bandwidth {

    /** Distance to the farther neighbour in every dimension: Optuna 5. */
    NEIGHBOURS,

    /** The same with the prior's mean among the neighbours: Optuna 4 for single parameters, as in the paper. */
    NEIGHBOURS_AND_PRIOR,

    /** {@code 0.2 * n^(-1 / (dimensions + 4)) * range} for all: Optuna 4 for several parameters together. */
    SCOTT;

    /** The axis of a number, as the version of Optuna has it. */
    Axis axis(Parameter parameter) {
        Axis axis = Axis.of(parameter);
        return this == NEIGHBOURS ? axis.stepped() : axis;
    }

    /** The kernels of the members of a column. */
    SortedKernels kernels(Column column, Members members, int dimensions, Scratch scratch) {
        Axis axis = column.axis();
        int count = members.count();
        int size = this == NEIGHBOURS_AND_PRIOR ? count + 1 : count;
        int[] kernel = scratch.ints(size + 1); // one more, which Members overwrites
        double[] mean = scratch.doubles(size + 1);
        members.ascending(column, kernel, mean);
        if (size > count) {
            insertPrior(SortedKernels.priorMean(axis), kernel, mean, size);
        }
        if (size <= NetworkOrder.LARGEST && tied(mean, size)) {
            reorder(kernel, mean, size);
        }
        double[] sigma = scratch.doubles(size);
        if (this == SCOTT) {
            Arrays.fill(sigma, 0, size, 0.2 * StrictMath.pow(Math.max(1, count), -1.0 / (dimensions + 4)) * axis.range());
        } else {
            toNeighbours(axis, mean, size, sigma);
        }
        double widest = axis.range();
        double narrowest = widest / Math.min(100.0, 2.0 + count);
        for (int rank = 0; rank < size; rank++) {
            sigma[rank] = Math.max(narrowest, Math.min(widest, sigma[rank]));
        }
        if (size > count) {
            removePrior(kernel, mean, sigma, count);
        }
        return new SortedKernels(count, kernel, mean, sigma, Math.min(narrowest, widest));
    }

    private static void toNeighbours(Axis axis, double[] mean, int count, double[] sigma) {
        if (count == 1) { // only a lone observation has the ends of the range for neighbours
            sigma[0] = Math.max(mean[0] - axis.lowest(), axis.highest() - mean[0]);
        } else if (count > 1) {
            sigma[0] = mean[1] - mean[0];
            for (int rank = 1; rank < count - 1; rank++) {
                sigma[rank] = Math.max(mean[rank] - mean[rank - 1], mean[rank + 1] - mean[rank]);
            }
            sigma[count - 1] = mean[count - 1] - mean[count - 2];
        }
    }

    private static boolean tied(double[] mean, int count) {
        for (int rank = 1; rank < count; rank++) {
            if (mean[rank] == mean[rank - 1]) {
                return true;
            }
        }
        return false;
    }

    /** Equal means in the order that Optuna sees them in; means stay as they are. */
    private static void reorder(int[] kernel, double[] mean, int count) {
        double[] byKernel = new double[count];
        for (int rank = 0; rank < count; rank++) {
            byKernel[kernel[rank]] = mean[rank];
        }
        System.arraycopy(NetworkOrder.ascending(byKernel, count), 0, kernel, 0, count);
    }

    /** The prior, as the last kernel, after the observations that are equal to it. */
    private static void insertPrior(double prior, int[] kernel, double[] mean, int count) {
        int rank = count - 1;
        for (; rank > 0 && mean[rank - 1] > prior; rank--) {
            mean[rank] = mean[rank - 1];
            kernel[rank] = kernel[rank - 1];
        }
        mean[rank] = prior;
        kernel[rank] = count - 1;
    }

    private static void removePrior(int[] kernel, double[] mean, double[] sigma, int count) {
        int prior = 0;
        while (kernel[prior] != count) {
            prior++;
        }
        System.arraycopy(kernel, prior + 1, kernel, prior, count - prior);
        System.arraycopy(mean, prior + 1, mean, prior, count - prior);
        System.arraycopy(sigma, prior + 1, sigma, prior, count - prior);
    }
}
