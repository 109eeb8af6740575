package dev.kogata.core.search;

import java.util.Arrays;

/**
 * The observations that make the kernels of one estimator, oldest first, and the kernels' weights. Immutable.
 *
 * @param observation (kernel without the prior) -> observation
 * @param kernel (observation) -> kernel, -1 where it has none
 * @param weight (kernel), the prior last: sum 1
 * @param cumulativeWeight (kernel): weights up to and with this one
 */
record Members(int[] observation, int[] kernel, double[] weight, double[] cumulativeWeight) {

    /** Of less than one observation in so many, sorting them is faster than looking for them among the sorted ones. */
    private static final int FEW = 16;

    /** The observations for which {@code chosen} is {@code wanted}. */
    static Members of(boolean[] chosen, boolean wanted) {
        int[] observation = new int[chosen.length];
        int[] kernel = new int[chosen.length];
        int count = 0;
        for (int i = 0; i < chosen.length; i++) {
            kernel[i] = chosen[i] == wanted ? count : -1;
            observation[count] = i; // overwritten where it is none
            count += chosen[i] == wanted ? 1 : 0;
        }
        double[] weight = normalised(weights(count));
        return new Members(Arrays.copyOf(observation, count), kernel, weight, cumulative(weight));
    }

    int count() {
        return observation.length;
    }

    /** (kernel): values in a column, without the prior. */
    double[] values(Column column) {
        double[] values = new double[observation.length];
        for (int k = 0; k < values.length; k++) {
            values[k] = column.places()[observation[k]];
        }
        return values;
    }

    /**
     * Kernels by place, equal ones by age, without the prior.
     *
     * @param ranked receives (rank) -> kernel, and something behind them
     * @param places receives (rank) -> place, and something behind them
     */
    void ascending(Column column, int[] ranked, double[] places) {
        if (FEW * observation.length < kernel.length) {
            sort(column.places(), ranked, places);
            return;
        }
        int[] order = column.ascending();
        double[] ascending = column.ascendingPlaces();
        int rank = 0;
        for (int i = 0; i < kernel.length; i++) {
            int k = kernel[order[i]];
            ranked[rank] = k; // overwritten where it is none
            places[rank] = ascending[i];
            rank += k >= 0 ? 1 : 0;
        }
    }

    private void sort(double[] all, int[] ranked, double[] places) {
        for (int k = 0; k < observation.length; k++) {
            double place = all[observation[k]];
            int rank = k;
            for (; rank > 0 && places[rank - 1] > place; rank--) {
                ranked[rank] = ranked[rank - 1];
                places[rank] = places[rank - 1];
            }
            ranked[rank] = k;
            places[rank] = place;
        }
    }

    private static double[] cumulative(double[] weight) {
        double[] cumulative = weight.clone();
        for (int k = 1; k < cumulative.length; k++) {
            cumulative[k] += cumulative[k - 1];
        }
        return cumulative;
    }

    /** Weights of n observations, oldest first: all 1 up to the 25 newest, older ones from 1/n upwards. */
    static double[] weights(int n) {
        double[] weights = new double[n];
        Arrays.fill(weights, 1);
        int old = n - 25;
        for (int i = 0; i < old; i++) {
            weights[i] = old == 1 ? 1.0 / n : i == old - 1 ? 1 : 1.0 / n + i * ((1 - 1.0 / n) / (old - 1));
        }
        return weights;
    }

    /** With the prior, of weight 1, after them. */
    private static double[] normalised(double[] weights) {
        double[] all = Arrays.copyOf(weights, weights.length + 1);
        all[weights.length] = 1;
        double sum = 0;
        for (double weight : all) {
            sum += weight;
        }
        for (int k = 0; k < all.length; k++) {
            all[k] /= sum;
        }
        return all;
    }
}
