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
    private final double[] weight; // [kernel], the prior last
    private final double[] cumulativeWeight; // [kernel]
    private final double[] place; // [parameter], scratch
    // Only of several parameters:
    private double[] logWeight; // [kernel]; null until needed
    /** Greatest log density that the parameters from this one on can add. */
    private double[] greatestFrom; // [parameter + 1]
    private double[] sums; // [kernel], scratch: log densities so far
    private int[] alive; // scratch: kernels that still count

    /**
     * An estimator of these observations, oldest first.
     *
     * @param observations (observation, parameter) values
     */
    public ParzenEstimator(List<Parameter> parameters, double[][] observations, Bandwidth bandwidth) {
        this(parameters, columns(parameters, observations, bandwidth), Members.of(new boolean[observations.length], false), bandwidth, new Scratch());
    }

    /** An estimator of the members among the observations in these columns, one for each parameter; good until the scratch is reset. */
    ParzenEstimator(List<Parameter> parameters, List<Column> columns, Members members, Bandwidth bandwidth, Scratch scratch) {
        int count = parameters.size();
        kernels = new Kernels[count];
        for (int p = 0; p < count; p++) {
            kernels[p] = kernels(parameters.get(p), columns.get(p), members, bandwidth, count, scratch);
        }
        weight = members.weight();
        cumulativeWeight = members.cumulativeWeight();
        place = new double[count];
    }

    /** Log density at a point of parameter values; of a stepped parameter or a choice, log probability. */
    public double logDensity(double[] point) {
        if (place.length == 1) {
            return StrictMath.log(kernels[0].density(kernels[0].place(point[0]), weight));
        }
        return logDensityTogether(point);
    }

    /** At most the log density (but for rounding), in a fraction of the time. */
    double leastLogDensity(double[] point) {
        if (place.length == 1) {
            return StrictMath.log(kernels[0].leastDensity(kernels[0].place(point[0]), weight));
        }
        locate(point);
        return alone(weight.length - 1); // among many parameters most points have no observation near them in all
    }

    private double logDensityTogether(double[] point) {
        locate(point);
        int count = logWeight.length;
        double floor = alone(count - 1) - NEGLIGIBLE; // the prior reaches everywhere: whatever stays far below it does not count
        System.arraycopy(logWeight, 0, sums, 0, count);
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

    private void locate(double[] point) {
        if (logWeight == null) {
            prepare();
        }
        for (int p = 0; p < place.length; p++) {
            place[p] = kernels[p].place(point[p]);
        }
    }

    private void prepare() {
        logWeight = Arrays.stream(weight).map(StrictMath::log).toArray();
        sums = new double[weight.length];
        alive = new int[weight.length];
        greatestFrom = new double[kernels.length + 1];
        for (int p = kernels.length - 1; p >= 0; p--) {
            greatestFrom[p] = greatestFrom[p + 1] + kernels[p].greatestLogDensity();
        }
    }

    /** Weighted log density of one kernel. */
    private double alone(int kernel) {
        alive[0] = kernel;
        sums[kernel] = logWeight[kernel];
        for (int p = 0; p < place.length; p++) {
            kernels[p].addLogDensities(place[p], alive, 1, sums);
        }
        return sums[kernel];
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

    private static Kernels kernels(Parameter parameter, Column column, Members members, Bandwidth bandwidth, int dimensions,
            Scratch scratch) {
        if (parameter instanceof Parameter.Choice choice) {
            return new ChoiceKernels(choice.choices(), members.values(column));
        }
        Axis axis = column.axis();
        if (axis.range() == 0) {
            return new PointKernels(axis.value(axis.low()));
        }
        SortedKernels sorted = bandwidth.kernels(column, members, dimensions, scratch);
        return axis.step() > 0 ? new SteppedKernels(axis, sorted) : new ContinuousKernels(axis, sorted, scratch);
    }

    private static List<Column> columns(List<Parameter> parameters, double[][] rows, Bandwidth bandwidth) {
        List<Column> columns = parameters.stream().map(parameter -> new Column(parameter, bandwidth)).toList();
        for (double[] row : rows) {
            for (int p = 0; p < columns.size(); p++) {
                columns.get(p).add(row[p]);
            }
        }
        return columns;
    }
}
