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

    /** Which trials, in order of number, are the best of the complete ones. */
    private static boolean[] good(List<TrialRecord> trials) {
        List<Integer> complete = new ArrayList<>();
        for (int i = 0; i < trials.size(); i++) {
            if (trials.get(i).state() == TrialRecord.State.COMPLETE) {
                complete.add(i);
            }
        }
        complete.sort(Comparator.comparingDouble(i -> trials.get(i).loss()));
        int stopped = (int) trials.stream().filter(trial -> trial.state() == TrialRecord.State.STOPPED).count();
        boolean[] good = new boolean[trials.size()];
        for (int i = 0; i < Math.min(complete.size(), gamma(complete.size() + stopped)); i++) {
            good[complete.get(i)] = true;
        }
        return good;
    }
}
