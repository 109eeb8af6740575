package dev.kogata.core.search;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which of several vectors of losses are the best: a dominates b where no loss of a is greater and one is smaller. Rank 0 is what
 * nothing dominates (the Pareto front), rank 1 what only rank 0 dominates, and so on. Equal vectors have the same rank.
 *
 * <p>Vectors in lexicographic order are only ever dominated by earlier ones, and what a front dominates all fronts before it
 * dominate too, so that each finds its rank by bisection (Zhang et al., "An Efficient Approach to Nondominated Sorting", 2015).
 */
public final class NonDomination {

    /** Vectors in lexicographic order; among equal ones the first in the list. */
    static final Comparator<double[]> LEXICOGRAPHIC = NonDomination::compare;

    private NonDomination() {
    }

    /**
     * Ranks.
     *
     * @param losses (vectors, objectives): smaller is better; none of them NaN
     * @return (vectors): 0 for the front
     */
    public static int[] ranks(double[][] losses) {
        check(losses);
        int[] ranks = new int[losses.length];
        int[] order = IntStream.range(0, losses.length).boxed().sorted(Comparator.comparing(i -> losses[i], LEXICOGRAPHIC)).mapToInt(Integer::intValue).toArray();
        List<List<double[]>> fronts = new ArrayList<>();
        double[] previous = null;
        int rank = 0;
        for (int i : order) {
            if (previous == null || compare(previous, losses[i]) != 0) {
                previous = losses[i];
                rank = rank(losses[i], fronts);
                if (rank == fronts.size()) {
                    fronts.add(new ArrayList<>());
                }
                fronts.get(rank).add(losses[i]);
            }
            ranks[i] = rank;
        }
        return ranks;
    }

    /** The first front that does not dominate the vector. */
    private static int rank(double[] vector, List<List<double[]>> fronts) {
        int low = 0;
        int high = fronts.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (dominated(vector, fronts.get(middle))) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private static boolean dominated(double[] vector, List<double[]> front) {
        for (int i = front.size() - 1; i >= 0; i--) { // the nearest in order are the likeliest
            if (dominates(front.get(i), vector)) {
                return true;
            }
        }
        return false;
    }

    /** True where no loss of {@code a} is greater than that of {@code b} and one is smaller. */
    public static boolean dominates(double[] a, double[] b) {
        boolean smaller = false;
        for (int k = 0; k < a.length; k++) {
            if (a[k] > b[k]) {
                return false;
            }
            smaller |= a[k] < b[k];
        }
        return smaller;
    }

    static void check(double[][] losses) {
        for (double[] vector : losses) {
            if (vector.length == 0 || vector.length != losses[0].length || Arrays.stream(vector).anyMatch(Double::isNaN)) {
                throw new IllegalArgumentException("losses %s beside ones of %d objectives; give as many numbers everywhere".formatted(
                        Arrays.toString(vector), losses[0].length));
            }
        }
    }

    /** By value: -0.0 equals 0.0. */
    private static int compare(double[] a, double[] b) {
        for (int k = 0; k < a.length; k++) {
            if (a[k] != b[k]) {
                return a[k] < b[k] ? -1 : 1;
            }
        }
        return 0;
    }
}
