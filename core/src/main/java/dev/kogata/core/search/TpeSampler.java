package dev.kogata.core.search;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Tree-structured Parzen estimator (Bergstra et al. 2011), with Optuna's conventions: the trials so far are split into a few good
 * ones and the rest, a density is fitted to each, and of 24 candidates drawn from the good density l the one with the greatest
 * l/g is proposed.
 *
 * <p>The first 10 trials are random. Of n finished trials min(ceil(0.1 n), 25) are good. Running trials count with the bad ones
 * ("constant liar"), failed ones not at all. Thread-safe; keeps sorted columns of the last history between calls, which changes the time of a call, never its
 * result.
 */
public final class TpeSampler implements Sampler {

    static final int STARTUP_TRIALS = 10;
    private static final int CANDIDATES = 24;
    private static final int MOST_GOOD = 25;

    private final List<Parameter> parameters;
    private final long seed;
    private final Bandwidth bandwidth;
    private final boolean together;
    private SortedColumns known;

    /** A sampler over these parameters, all drawn together as Optuna 5 does it. */
    public TpeSampler(List<Parameter> parameters, long seed) {
        this(parameters, seed, Bandwidth.NEIGHBOURS, true);
    }

    /** A sampler that draws every parameter for itself, as Optuna 4 (and the paper) does it by default. */
    public static TpeSampler univariate(List<Parameter> parameters, long seed) {
        return new TpeSampler(parameters, seed, Bandwidth.NEIGHBOURS_AND_PRIOR, false);
    }

    /** A sampler over these parameters, drawn all together or each for itself. */
    public TpeSampler(List<Parameter> parameters, long seed, Bandwidth bandwidth, boolean together) {
        this.parameters = List.copyOf(parameters);
        this.seed = seed;
        this.bandwidth = bandwidth;
        this.together = together;
        known = new SortedColumns(parameters.size());
    }

    @Override
    public List<Parameter> parameters() {
        return parameters;
    }

    @Override
    public double[] ask(int number, List<TrialRecord> history) {
        return ask(number, history, ParzenEstimator::sample);
    }

    /** Where candidates come from: the density of good trials, or anything else. */
    interface Candidates {
        double[] draw(ParzenEstimator good, SplittableRandom random);
    }

    /** The candidate with the greatest ratio of densities; only of parameters drawn together can candidates come from elsewhere. */
    synchronized double[] ask(int number, List<TrialRecord> history, Candidates candidates) {
        SplittableRandom random = TrialRandom.of(seed, number);
        List<TrialRecord> trials = history.stream().filter(trial -> trial.state() != TrialRecord.State.FAILED)
                .sorted(Comparator.comparingInt(TrialRecord::number)).toList();
        if (trials.size() < STARTUP_TRIALS || parameters.isEmpty()) {
            return RandomSampler.sample(parameters, random);
        }
        remember(trials);
        boolean[] good = good(trials);
        return together ? together(good, random, candidates) : eachForItself(good, random);
    }

    /** How many of n finished trials are good. */
    static int gamma(int n) {
        return Math.min((int) Math.ceil(0.1 * n), MOST_GOOD);
    }

    /** Which trials, in order of number, are the best of the complete ones. */
    private static boolean[] good(List<TrialRecord> trials) {
        List<Integer> complete = new ArrayList<>();
        for (int i = 0; i < trials.size(); i++) {
            if (trials.get(i).state() == TrialRecord.State.COMPLETE) {
                complete.add(i);
            }
        }
        complete.sort(Comparator.comparingDouble(i -> trials.get(i).loss()));
        boolean[] good = new boolean[trials.size()];
        for (int i = 0; i < gamma(complete.size()); i++) {
            good[complete.get(i)] = true;
        }
        return good;
    }

    /** Brings the sorted columns up to these trials; what is known already is kept as long as it is the same. */
    private void remember(List<TrialRecord> trials) {
        int same = 0;
        while (same < trials.size() && known.holds(same, trials.get(same).values())) {
            same++;
        }
        if (same < known.rows()) {
            known = new SortedColumns(parameters.size());
            same = 0;
        }
        for (TrialRecord trial : trials.subList(same, trials.size())) {
            known.add(trial.values());
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

    /** The density of the good trials, or of the others, over some of the parameters. */
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
