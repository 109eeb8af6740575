package dev.kogata.core.search;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * TPE for several losses at once (Ozaki et al., "Multiobjective Tree-Structured Parzen Estimator", 2022), with the conventions of
 * Optuna 5: good are the tenth of the complete trials that come first by {@link NonDomination rank}; where the last of these ranks
 * has too many, the ones that keep most of its {@link HypervolumeSubset hypervolume}. Everything else is as in {@link TpeSampler},
 * but without a limit to the good trials.
 *
 * <p>A proposal depends on nothing but the seed, the trial's number and the history. Thread-safe.
 */
public final class MultiObjectiveTpeSampler {

    private final List<Parameter> parameters;
    private final long seed;
    private final DensityRatio densities;

    /** A sampler that draws every parameter for itself, as Optuna 5 does it for several objectives. */
    public MultiObjectiveTpeSampler(List<Parameter> parameters, long seed) {
        this(parameters, seed, Bandwidth.NEIGHBOURS, false);
    }

    /** A sampler over these parameters, drawn all together or each for itself. */
    public MultiObjectiveTpeSampler(List<Parameter> parameters, long seed, Bandwidth bandwidth, boolean together) {
        this.parameters = List.copyOf(parameters);
        this.seed = seed;
        densities = new DensityRatio(this.parameters, bandwidth, together);
    }

    /** The search space. */
    public List<Parameter> parameters() {
        return parameters;
    }

    /**
     * Values for a trial.
     *
     * @param number number of the trial
     * @param history all trials asked before, in any order, running ones too; complete ones with as many losses each
     */
    public double[] ask(int number, List<ParetoTrial> history) {
        return ask(number, history, ParzenEstimator::sample);
    }

    /** The same with candidates from elsewhere, see {@link DensityRatio#propose}. */
    double[] ask(int number, List<ParetoTrial> history, DensityRatio.Candidates candidates) {
        SplittableRandom random = TrialRandom.of(seed, number);
        List<ParetoTrial> trials = history.stream().filter(trial -> trial.state() != TrialRecord.State.FAILED)
                .sorted(Comparator.comparingInt(ParetoTrial::number)).toList();
        if (trials.size() < TpeSampler.STARTUP_TRIALS || parameters.isEmpty()) {
            return RandomSampler.sample(parameters, random);
        }
        return densities.propose(trials.stream().map(ParetoTrial::values).toList(), good(trials), random, candidates);
    }

    /** Which trials, in order of number, are good. */
    static boolean[] good(List<ParetoTrial> trials) {
        int[] complete = IntStream.range(0, trials.size()).filter(i -> trials.get(i).state() == TrialRecord.State.COMPLETE).toArray();
        double[][] losses = new double[complete.length][];
        for (int i = 0; i < complete.length; i++) {
            losses[i] = trials.get(complete[i]).measuredLosses();
        }
        boolean[] good = new boolean[trials.size()];
        for (int i : best(losses, (int) Math.ceil(0.1 * complete.length))) {
            good[complete[i]] = true;
        }
        return good;
    }

    /** Indices of the best {@code size} vectors, ascending: whole ranks, then a cut through the next one. */
    static int[] best(double[][] losses, int size) {
        int[] ranks = NonDomination.ranks(losses);
        int border = 0;
        int whole = 0; // vectors of the ranks below the border
        for (int next = count(ranks, 0); whole < losses.length && whole + next <= size; next = count(ranks, border)) {
            whole += next;
            border++;
        }
        int cutRank = border;
        int[] last = IntStream.range(0, losses.length).filter(i -> ranks[i] == cutRank).toArray();
        double[][] front = Arrays.stream(last).mapToObj(i -> losses[i]).toArray(double[][]::new);
        int[] cut = HypervolumeSubset.select(front, size - whole, Hypervolume.reference(front));
        return IntStream.concat(IntStream.range(0, losses.length).filter(i -> ranks[i] < cutRank), Arrays.stream(cut).map(i -> last[i])).sorted().toArray();
    }

    private static int count(int[] ranks, int rank) {
        return (int) Arrays.stream(ranks).filter(of -> of == rank).count();
    }
}
