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
     * @param ranked receives (rank) -> kernel
     * @param places receives (rank) -> place
     */
    void ascending(Column column, int[] ranked, double[] places) {
        int[] order = column.ascending();
        double[] all = column.places();
        int rank = 0;
        for (int i = 0; i < kernel.length; i++) {
            int k = kernel[order[i]];
            if (k >= 0) {
                ranked[rank] = k;
                places[rank++] = all[order[i]];
            }
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
