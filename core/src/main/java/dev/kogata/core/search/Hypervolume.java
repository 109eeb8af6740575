package dev.kogata.core.search;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Volume of what a set of loss vectors dominates, up to a reference point: one number for how good a front is. Exact, in any
 * number of objectives: a sweep in two, and in more the volumes that each vector adds to those after it (While, Bradstreet and
 * Barone, "A Fast Way of Calculating Exact Hypervolumes", 2012). Exponential in the objectives, so fit for a handful.
 */
public final class Hypervolume {

    private static final double SMALLEST = 1e-12;

    private Hypervolume() {
    }

    /**
     * The volume.
     *
     * @param losses (vectors, objectives): smaller is better, dominated and equal ones allowed; what is not below the reference in
     *     every objective adds nothing
     * @param reference (objectives): the worst that counts
     * @return at least 0; infinite where a loss or the reference is
     */
    public static double of(double[][] losses, double[] reference) {
        NonDomination.check(losses);
        List<double[]> counted = new ArrayList<>();
        for (double[] vector : losses) {
            if (vector.length != reference.length) {
                throw new IllegalArgumentException("%d losses against a reference of %d".formatted(vector.length, reference.length));
            }
            if (below(vector, reference)) {
                counted.add(vector);
            }
        }
        if (losses.length > 0 && !Arrays.stream(reference).allMatch(Double::isFinite)) {
            return Double.POSITIVE_INFINITY;
        }
        double volume = reference.length == 2 ? area(front(counted), reference) : volume(front(counted), reference);
        return Double.isFinite(volume) ? volume : Double.POSITIVE_INFINITY;
    }

    /** A reference a tenth beyond the worst of each objective, as Optuna takes it. */
    public static double[] reference(double[][] losses) {
        NonDomination.check(losses);
        double[] reference = new double[losses.length == 0 ? 0 : losses[0].length];
        for (int k = 0; k < reference.length; k++) {
            double worst = Double.NEGATIVE_INFINITY;
            for (double[] vector : losses) {
                worst = Math.max(worst, vector[k]);
            }
            double beyond = Math.max(1.1 * worst, 0.9 * worst);
            reference[k] = beyond == 0 ? SMALLEST : beyond;
        }
        return reference;
    }

    private static boolean below(double[] vector, double[] reference) {
        for (int k = 0; k < vector.length; k++) {
            if (!(vector[k] < reference[k])) {
                return false;
            }
        }
        return true;
    }

    /** The vectors that none dominates, each once, by their first loss. */
    private static List<double[]> front(List<double[]> vectors) {
        List<double[]> sorted = new ArrayList<>(vectors);
        sorted.sort(NonDomination.LEXICOGRAPHIC);
        List<double[]> front = new ArrayList<>();
        for (double[] vector : sorted) {
            // Only what comes before can dominate; equal ones stand beside each other.
            if (front.stream().noneMatch(other -> Arrays.equals(other, vector) || NonDomination.dominates(other, vector))) {
                front.add(vector);
            }
        }
        return front;
    }

    /** Two objectives: rectangles between one vector's second loss and the one's before. */
    private static double area(List<double[]> front, double[] reference) {
        double sum = 0;
        double top = reference[1];
        for (double[] vector : front) {
            sum += (reference[0] - vector[0]) * (top - vector[1]);
            top = vector[1];
        }
        return sum;
    }

    /** Sum of what each vector dominates and none of those after it does. */
    private static double volume(List<double[]> front, double[] reference) {
        double sum = 0;
        for (int i = 0; i < front.size(); i++) {
            double[] vector = front.get(i);
            double own = box(vector, reference);
            if (i + 1 < front.size()) {
                // What it shares with a later vector is the box of the worse loss of the two in every objective.
                List<double[]> shared = front.subList(i + 1, front.size()).stream().map(later -> worse(vector, later)).toList();
                own -= volume(front(shared), reference);
            }
            sum += own;
        }
        return sum;
    }

    static double box(double[] vector, double[] reference) {
        double volume = 1;
        for (int k = 0; k < vector.length; k++) {
            volume *= reference[k] - vector[k];
        }
        return volume;
    }

    static double[] worse(double[] a, double[] b) {
        double[] worse = new double[a.length];
        for (int k = 0; k < worse.length; k++) {
            worse[k] = Math.max(a[k], b[k]);
        }
        return worse;
    }
}
