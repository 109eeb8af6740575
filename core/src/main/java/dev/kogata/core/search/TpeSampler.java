package dev.kogata.core.search;

import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Tree-structured Parzen estimator (Bergstra et al. 2011), with Optuna's conventions: the trials so far are split into a few good
 * ones and the rest, a density is fitted to each, and of 24 candidates drawn from the good density l the one with the greatest
 * l/g is proposed.
 *
 * <p>The first 10 trials are random. Of n finished trials min(ceil(0.1 n), 25) are good. Running trials count with the bad ones
 * ("constant liar"), so do stopped ones, which count as finished; failed ones do not count at all. Thread-safe; keeps sorted columns of the last history between calls, which changes the time of a call, never its
 * result.
 */
public final class TpeSampler implements Sampler {

    static final int STARTUP_TRIALS = 10;
    private static final int MOST_GOOD = 25;

    private final List<Parameter> parameters;
    private final long seed;
    private final DensityRatio densities;

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
        densities = new DensityRatio(this.parameters, bandwidth, together);
    }

    @Override
    public List<Parameter> parameters() {
        return parameters;
    }

    @Override
    public double[] ask(int number, List<TrialRecord> history) {
        return ask(number, history, ParzenEstimator::sample);
    }

    /** The candidate with the greatest ratio of densities; only of parameters drawn together can candidates come from elsewhere. */
    double[] ask(int number, List<TrialRecord> history, DensityRatio.Candidates candidates) {
        SplittableRandom random = TrialRandom.of(seed, number);
        List<TrialRecord> trials = history.stream().filter(trial -> trial.state() != TrialRecord.State.FAILED)
                .sorted(Comparator.comparingInt(TrialRecord::number)).toList();
        if (trials.size() < STARTUP_TRIALS || parameters.isEmpty()) {
            return RandomSampler.sample(parameters, random);
        }
        return densities.propose(trials.stream().map(TrialRecord::values).toList(), good(trials), random, candidates);
    }

    /** How many of n finished trials are good. */
    static int gamma(int n) {
        return Math.min((int) Math.ceil(0.1 * n), MOST_GOOD);
    }

    /** Which trials, in order of number, are the best of the complete ones; of equal losses the first. */
    static boolean[] good(List<TrialRecord> trials) {
        int complete = (int) trials.stream().filter(trial -> trial.state() == TrialRecord.State.COMPLETE).count();
        int stopped = (int) trials.stream().filter(trial -> trial.state() == TrialRecord.State.STOPPED).count();
        int[] best = new int[Math.min(complete, gamma(complete + stopped))];
        int count = 0;
        for (int i = 0; i < trials.size() && best.length > 0; i++) {
            double loss = trials.get(i).loss();
            if (trials.get(i).state() == TrialRecord.State.COMPLETE && (count < best.length || loss < trials.get(best[count - 1]).loss())) {
                int at = count < best.length ? count++ : count - 1;
                for (; at > 0 && trials.get(best[at - 1]).loss() > loss; at--) {
                    best[at] = best[at - 1];
                }
                best[at] = i;
            }
        }
        boolean[] good = new boolean[trials.size()];
        for (int i : best) {
            good[i] = true;
        }
        return good;
    }
}
