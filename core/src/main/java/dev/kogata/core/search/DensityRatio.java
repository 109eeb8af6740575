package dev.kogata.core.search;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The step that all forms of TPE share: densities l of the good points and g of the others, and of 24 candidates drawn from l the
 * one with the greatest l/g. Thread-safe; keeps sorted columns of the last points between calls, which changes the time of a call,
 * never its result.
 */
final class DensityRatio {

    private static final int CANDIDATES = 24;
    /** More than a sum of rounded densities can be off, in its logarithm. */
    private static final double ROUNDING = 1e-9;

    private final List<Parameter> parameters;
    private final Bandwidth bandwidth;
    private final boolean together;
    private final Scratch scratch = new Scratch();
    private final List<double[]> known = new ArrayList<>();
    private List<Column> columns;

    /** @param together all parameters in one density, or each for itself */
    DensityRatio(List<Parameter> parameters, Bandwidth bandwidth, boolean together) {
        this.parameters = parameters;
        this.bandwidth = bandwidth;
        this.together = together;
        columns = empty();
    }

    /** Where candidates come from: the density of good points, or anything else. */
    interface Candidates {
        double[] draw(ParzenEstimator good, SplittableRandom random);
    }

    /**
     * Proposes a point.
     *
     * @param points tried before, oldest first
     * @param good (points): which belong to l
     * @param candidates only of parameters drawn together can they come from elsewhere
     */
    synchronized double[] propose(List<double[]> points, boolean[] good, SplittableRandom random, Candidates candidates) {
        remember(points);
        Members l = Members.of(good, true);
        Members g = Members.of(good, false);
        return together ? together(l, g, random, candidates) : eachForItself(l, g, random);
    }

    private List<Column> empty() {
        return parameters.stream().map(parameter -> new Column(parameter, bandwidth)).toList();
    }

    /** Brings the columns up to these points; what is known already is kept as long as it is the same. */
    private void remember(List<double[]> points) {
        int same = 0;
        while (same < Math.min(points.size(), known.size()) && same(points.get(same), known.get(same))) {
            same++;
        }
        if (same < known.size()) {
            known.clear();
            columns = empty();
        }
        for (double[] point : points.subList(known.size(), points.size())) {
            known.add(point);
            for (int p = 0; p < point.length; p++) {
                columns.get(p).add(point[p]);
            }
        }
    }

    private static boolean same(double[] a, double[] b) {
        return a == b || Arrays.equals(a, b);
    }

    private double[] together(Members good, Members others, SplittableRandom random, Candidates candidates) {
        scratch.reset();
        return best(new ParzenEstimator(parameters, columns, good, bandwidth, scratch), new ParzenEstimator(parameters, columns, others, bandwidth, scratch), random,
                candidates);
    }

    private double[] eachForItself(Members good, Members others, SplittableRandom random) {
        double[] point = new double[parameters.size()];
        for (int p = 0; p < point.length; p++) {
            List<Parameter> one = parameters.subList(p, p + 1);
            List<Column> column = columns.subList(p, p + 1);
            scratch.reset();
            point[p] = best(new ParzenEstimator(one, column, good, bandwidth, scratch), new ParzenEstimator(one, column, others, bandwidth, scratch), random,
                    ParzenEstimator::sample)[0];
        }
        return point;
    }

    /**
     * The candidate with the greatest l/g, the first of equal ones. A density that is quick to have and at most g tells how great
     * the ratio can be at most; only candidates that could be the greatest are looked at further.
     */
    private static double[] best(ParzenEstimator l, ParzenEstimator g, SplittableRandom random, Candidates candidates) {
        double[][] drawn = new double[CANDIDATES][];
        double[] good = new double[CANDIDATES]; // log l
        double[] most = new double[CANDIDATES]; // log l - log g at most; then no more
        for (int i = 0; i < CANDIDATES; i++) {
            drawn[i] = candidates.draw(l, random);
            good[i] = l.logDensity(drawn[i]);
            most[i] = good[i] - g.leastLogDensity(drawn[i]) + ROUNDING;
        }
        int best = 0;
        double greatest = Double.NEGATIVE_INFINITY;
        for (int next = greatest(most); most[next] >= greatest && most[next] > Double.NEGATIVE_INFINITY; next = greatest(most)) {
            double ratio = good[next] - g.logDensity(drawn[next]);
            if (ratio > greatest || ratio == greatest && next < best) {
                best = next;
                greatest = ratio;
            }
            most[next] = Double.NEGATIVE_INFINITY;
        }
        return drawn[best];
    }

    private static int greatest(double[] values) {
        int greatest = 0;
        for (int i = 1; i < values.length; i++) {
            greatest = values[i] > values[greatest] ? i : greatest;
        }
        return greatest;
    }
}
