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

    /** The narrowest kernel of so many observations. */
    static double narrowest(Axis axis, int observations) {
        return axis.range() / Math.min(100.0, 2.0 + observations);
    }

    /**
     * Deviations of the kernels.
     *
     * @param means (kernel): places of the observations, then the prior's mean
     * @param ascending (rank) -> observation, equal ones by age
     * @return (kernel), the prior's last
     */
    double[] sigmas(Axis axis, double[] means, int[] ascending, int dimensions) {
        int observations = means.length - 1;
        double range = axis.range();
        double[] sigmas = new double[means.length];
        if (this == SCOTT) {
            Arrays.fill(sigmas, 0.2 * StrictMath.pow(Math.max(1, observations), -1.0 / (dimensions + 4)) * range);
        } else {
            toNeighbours(axis, means, order(means, ascending), sigmas);
        }
        double narrowest = narrowest(axis, observations);
        for (int i = 0; i < observations; i++) {
            sigmas[i] = Math.max(narrowest, Math.min(range, sigmas[i]));
        }
        sigmas[observations] = range;
        return sigmas;
    }

    /** Kernels by mean, the prior among them where it is a neighbour. */
    private int[] order(double[] means, int[] ascending) {
        int[] order = this == NEIGHBOURS_AND_PRIOR ? insertPrior(means, ascending) : ascending;
        return order.length <= NetworkOrder.LARGEST && tied(means, order) ? NetworkOrder.ascending(means, order.length) : order;
    }

    private static boolean tied(double[] means, int[] order) {
        for (int rank = 1; rank < order.length; rank++) {
            if (means[order[rank]] == means[order[rank - 1]]) {
                return true;
            }
        }
        return false;
    }

    private static void toNeighbours(Axis axis, double[] means, int[] order, double[] sigmas) {
        int count = order.length;
        if (count == 0) {
            return;
        }
        double here = means[order[0]];
        if (count == 1) { // only a lone observation has the ends of the range for neighbours
            sigmas[order[0]] = Math.max(here - axis.lowest(), axis.highest() - here);
            return;
        }
        double below = 0;
        for (int rank = 0; rank < count - 1; rank++) {
            double next = means[order[rank + 1]];
            double above = next - here;
            sigmas[order[rank]] = Math.max(below, above);
            here = next;
            below = above;
        }
        sigmas[order[count - 1]] = below;
    }

    /** The prior after the observations that are equal to it. */
    private static int[] insertPrior(double[] means, int[] ascending) {
        int prior = means.length - 1;
        int[] order = new int[means.length];
        int rank = 0;
        while (rank < prior && means[ascending[rank]] <= means[prior]) {
            order[rank] = ascending[rank];
            rank++;
        }
        order[rank] = prior;
        System.arraycopy(ascending, rank, order, rank + 1, prior - rank);
        return order;
    }
}
