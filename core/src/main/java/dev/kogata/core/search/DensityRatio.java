package dev.kogata.core.search;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The step that all forms of TPE share: densities l of the good points and g of the others, and of 24 candidates drawn from l the
 * one with the greatest l/g. Thread-safe; keeps sorted columns of the last points between calls, which changes the time of a call,
 * never its result.
 */
final class DensityRatio {

    private static final int CANDIDATES = 24;

    private final List<Parameter> parameters;
    private final Bandwidth bandwidth;
    private final boolean together;
    private SortedColumns known;

    /** @param together all parameters in one density, or each for itself */
    DensityRatio(List<Parameter> parameters, Bandwidth bandwidth, boolean together) {
        this.parameters = parameters;
        this.bandwidth = bandwidth;
        this.together = together;
        known = new SortedColumns(parameters.size());
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
        return together ? together(good, random, candidates) : eachForItself(good, random);
    }

    /** Brings the sorted columns up to these points; what is known already is kept as long as it is the same. */
    private void remember(List<double[]> points) {
        int same = 0;
        while (same < points.size() && known.holds(same, points.get(same))) {
            same++;
        }
        if (same < known.rows()) {
            known = new SortedColumns(parameters.size());
            same = 0;
        }
        for (double[] point : points.subList(same, points.size())) {
            known.add(point);
        }
    }

    private double[] together(boolean[] good, SplittableRandom random, Candidates candidates) {
        int[] all = new int[parameters.size()];
        for (int p = 0; p < all.length; p++) {
            all[p] = p;
        }
        return best(fit(all, good, true), fit(all, good, false), random, candidates);
    }

    private double[] eachForItself(boolean[] good, SplittableRandom random) {
        double[] point = new double[parameters.size()];
        for (int p = 0; p < point.length; p++) {
            int[] one = {p};
            point[p] = best(fit(one, good, true), fit(one, good, false), random, ParzenEstimator::sample)[0];
        }
        return point;
    }

    private static double[] best(ParzenEstimator l, ParzenEstimator g, SplittableRandom random, Candidates candidates) {
        double[] best = null;
        double greatest = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < CANDIDATES; i++) {
            double[] candidate = candidates.draw(l, random);
            double ratio = l.logDensity(candidate) - g.logDensity(candidate);
            if (best == null || ratio > greatest) {
                best = candidate;
                greatest = ratio;
            }
        }
        return best;
    }

    /** The density of the good points, or of the others, over some of the parameters. */
    private ParzenEstimator fit(int[] which, boolean[] good, boolean wanted) {
        int[] index = new int[good.length]; // trial -> place among the wanted ones
        int[] members = new int[good.length]; // place -> trial
        int count = 0;
        for (int trial = 0; trial < good.length; trial++) {
            index[trial] = -1;
            if (good[trial] == wanted) {
                members[count] = trial;
                index[trial] = count++;
            }
        }
        List<Parameter> chosen = new ArrayList<>(which.length);
        double[][] columns = new double[which.length][count];
        int[][] ascending = new int[which.length][count];
        for (int p = 0; p < which.length; p++) {
            chosen.add(parameters.get(which[p]));
            double[] values = known.values(which[p]);
            for (int i = 0; i < count; i++) {
                columns[p][i] = values[members[i]];
            }
            if (wanted) {
                ascending[p] = SortedColumns.ascending(columns[p]); // at most 25
                continue;
            }
            int[] order = known.ascending(which[p]);
            int rank = 0;
            for (int i = 0; i < good.length; i++) {
                int place = index[order[i]];
                if (place >= 0) {
                    ascending[p][rank++] = place;
                }
            }
        }
        return new ParzenEstimator(chosen, columns, ascending, bandwidth);
    }
}
