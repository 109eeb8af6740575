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

    /**
     * Observations by place; with {@link #NEIGHBOURS_AND_PRIOR} the prior among them.
     *
     * @param means places of the observations, then the prior's mean
     * @param ascending observations by place, equal ones by age
     */
    int[] order(Axis axis, double[] means, int[] ascending) {
        boolean withPrior = this == NEIGHBOURS_AND_PRIOR;
        int count = withPrior ? means.length : means.length - 1;
        if (axis.tied() && count <= NetworkOrder.LARGEST) {
            return NetworkOrder.ascending(means, count);
        }
        return withPrior ? insertPrior(means, ascending) : ascending;
    }

    /** Deviations of the kernels, whose {@link #order} is given. */
    double[] sigmas(Axis axis, double[] means, int[] order, int dimensions) {
        int observations = means.length - 1;
        double range = axis.range();
        double[] sigmas = new double[means.length];
        if (this == SCOTT) {
            Arrays.fill(sigmas, 0.2 * StrictMath.pow(Math.max(1, observations), -1.0 / (dimensions + 4)) * range);
        } else {
            toNeighbours(axis, means, order, sigmas);
        }
        double narrowest = range / Math.min(100.0, 2.0 + observations);
        for (int i = 0; i < observations; i++) {
            sigmas[i] = Math.max(narrowest, Math.min(range, sigmas[i]));
        }
        sigmas[observations] = range;
        return sigmas;
    }

    private static void toNeighbours(Axis axis, double[] means, int[] order, double[] sigmas) {
        int count = order.length;
        for (int rank = 0; rank < count; rank++) {
            double here = means[order[rank]];
            boolean first = rank == 0;
            boolean last = rank == count - 1;
            double below = here - (first ? axis.low() - axis.step() / 2 : means[order[rank - 1]]);
            double above = (last ? axis.high() + axis.step() / 2 : means[order[rank + 1]]) - here;
            // The ends of the range count as neighbours only of a lone observation.
            sigmas[order[rank]] = count == 1 ? Math.max(below, above) : first ? above : last ? below : Math.max(below, above);
        }
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
