package dev.kogata.core.search;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A density over a search space made of observed points: a mixture of one product of kernels per observation, and one wide kernel
 * for the prior (Bergstra et al., "Algorithms for Hyper-Parameter Optimization", 2011; Watanabe, arXiv 2304.11127).
 *
 * <p>Numbers have truncated normals, choices smoothed counts. Old observations weigh less than the newest 25. Conventions are
 * Optuna's, to 1e-9 of its log densities; see {@link Bandwidth} for where its versions differ. Not thread-safe.
 */
public final class ParzenEstimator {

    /** A kernel this far below the largest (in log density) changes no digit of the sum. */
    private static final double NEGLIGIBLE = 40;

    private final Kernels[] kernels; // [parameter]
    private final double[] logWeight; // [kernel], the prior last
    private final double[] cumulativeWeight; // [kernel]
    /** Greatest log density that the parameters from this one on can add. */
    private final double[] greatestFrom; // [parameter + 1]
    private final double[] place; // [parameter], scratch
    private final double[] sums; // [kernel], scratch: log densities so far
    private final int[] alive; // scratch: kernels that still count

    /**
     * An estimator of these observations, oldest first.
     *
     * @param observations (observation, parameter) values
     */
    public ParzenEstimator(List<Parameter> parameters, double[][] observations, Bandwidth bandwidth) {
        this(parameters, columns(parameters.size(), observations), null, bandwidth);
    }

    /**
     * @param columns (parameter, observation) values
     * @param ascending (parameter, rank) -> observation, by value then by age; null to sort here
     */
    ParzenEstimator(List<Parameter> parameters, double[][] columns, int[][] ascending, Bandwidth bandwidth) {
        int count = parameters.size();
        kernels = new Kernels[count];
        for (int p = 0; p < count; p++) {
            kernels[p] = kernels(parameters.get(p), columns[p], ascending == null ? null : ascending[p], bandwidth, count);
        }
        int observations = count == 0 ? 0 : columns[0].length;
        double[] weight = Arrays.copyOf(weights(observations), observations + 1);
        weight[observations] = 1;
        double sum = Arrays.stream(weight).sum();
        logWeight = new double[weight.length];
        cumulativeWeight = new double[weight.length];
        double cumulative = 0;
        for (int k = 0; k < weight.length; k++) {
            cumulative += weight[k] / sum;
            cumulativeWeight[k] = cumulative;
            logWeight[k] = StrictMath.log(weight[k] / sum);
        }
        greatestFrom = new double[count + 1];
        for (int p = count - 1; p >= 0; p--) {
            greatestFrom[p] = greatestFrom[p + 1] + kernels[p].greatestLogDensity();
        }
        place = new double[count];
        sums = new double[weight.length];
        alive = new int[weight.length];
    }

    /** Log density at a point of parameter values; of a stepped parameter or a choice, log probability. */
    public double logDensity(double[] point) {
        for (int p = 0; p < place.length; p++) {
            place[p] = kernels[p].place(point[p]);
        }
        int count = logWeight.length;
        double floor = Double.NEGATIVE_INFINITY;
        System.arraycopy(logWeight, 0, sums, 0, count);
        if (place.length > 1) {
            floor = alone(count - 1) - NEGLIGIBLE; // the prior reaches everywhere: whatever stays far below it does not count
        }
        for (int k = 0; k < count; k++) {
            alive[k] = k;
        }
        for (int p = 0; p < place.length; p++) {
            kernels[p].addLogDensities(place[p], alive, count, sums);
            double least = floor - greatestFrom[p + 1];
            int stay = 0;
            for (int i = 0; i < count; i++) {
                int kernel = alive[i];
                alive[stay] = kernel;
                stay += sums[kernel] >= least ? 1 : 0;
            }
            count = stay;
        }
        return logSumExp(count);
    }

    /** Weighted log density of one kernel. */
    private double alone(int kernel) {
        alive[0] = kernel;
        for (int p = 0; p < place.length; p++) {
            kernels[p].addLogDensities(place[p], alive, 1, sums);
        }
        double sum = sums[kernel];
        sums[kernel] = logWeight[kernel];
        return sum;
    }

    private double logSumExp(int count) {
        double greatest = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < count; i++) {
            greatest = Math.max(greatest, sums[alive[i]]);
        }
        if (greatest == Double.NEGATIVE_INFINITY) {
            return greatest;
        }
        double total = 0;
        for (int i = 0; i < count; i++) {
            double below = sums[alive[i]] - greatest;
            if (below > -NEGLIGIBLE) {
                total += Normal.exp(below);
            }
        }
        return StrictMath.log(total) + greatest;
    }

    /** Draws a point. */
    public double[] sample(SplittableRandom random) {
        int found = Arrays.binarySearch(cumulativeWeight, random.nextDouble());
        int kernel = Math.min(cumulativeWeight.length - 1, found >= 0 ? found + 1 : -found - 1);
        double[] point = new double[kernels.length];
        for (int p = 0; p < point.length; p++) {
            point[p] = kernels[p].sample(kernel, random);
        }
        return point;
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

    private static Kernels kernels(Parameter parameter, double[] values, int[] sorted, Bandwidth bandwidth, int dimensions) {
        if (parameter instanceof Parameter.Choice choice) {
            return new ChoiceKernels(choice.choices(), values);
        }
        Axis axis = Axis.of(parameter);
        double[] means = Arrays.copyOf(values, values.length + 1);
        for (int i = 0; i < values.length; i++) {
            means[i] = axis.place(values[i]);
        }
        means[values.length] = 0.5 * (axis.low() + axis.high());
        int[] ascending = sorted == null ? SortedColumns.ascending(values) : sorted;
        int[] order = bandwidth.order(axis, means, ascending);
        double[] sigmas = bandwidth.sigmas(axis, means, order, dimensions);
        return axis.step() > 0 ? new SteppedKernels(axis, means, sigmas, order) : new ContinuousKernels(axis, means, sigmas);
    }

    private static double[][] columns(int parameters, double[][] rows) {
        double[][] columns = new double[parameters][rows.length];
        for (int i = 0; i < rows.length; i++) {
            for (int p = 0; p < parameters; p++) {
                columns[p][i] = rows[i][p];
            }
        }
        return columns;
    }
}
