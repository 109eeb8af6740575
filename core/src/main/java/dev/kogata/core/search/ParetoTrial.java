package dev.kogata.core.search;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One line of the journal of a search with several objectives. Immutable.
 *
 * @param number number of the trial, from 0
 * @param parameters values in the order of the search space
 * @param losses (objectives): what was measured, smaller is better; meaningless unless complete
 * @param state how far it came
 */
public record ParetoTrial(int number, double[] parameters, double[] losses, TrialRecord.State state) {

    /** Throws {@link IllegalArgumentException} for a complete trial that lacks a loss, or has one that is no number. */
    public ParetoTrial {
        parameters = parameters.clone();
        losses = losses.clone();
        if (state == TrialRecord.State.COMPLETE && !measured(losses)) {
            throw new IllegalArgumentException("trial %d is complete but a loss is missing or not a number; record it as failed".formatted(number));
        }
    }

    /** A trial that was asked. */
    public static ParetoTrial running(int number, double[] parameters) {
        return new ParetoTrial(number, parameters, new double[0], TrialRecord.State.RUNNING);
    }

    /** The same trial, told. A loss that is no number makes it failed. */
    public ParetoTrial told(double... measured) {
        return new ParetoTrial(number, parameters, measured, measured(measured) ? TrialRecord.State.COMPLETE : TrialRecord.State.FAILED);
    }

    /** The complete trials that no other one dominates, by number; of equal ones all. */
    public static List<ParetoTrial> front(List<ParetoTrial> history) {
        List<ParetoTrial> complete = history.stream().filter(trial -> trial.state == TrialRecord.State.COMPLETE)
                .sorted(Comparator.comparingInt(ParetoTrial::number)).toList();
        int[] ranks = NonDomination.ranks(complete.stream().map(ParetoTrial::measuredLosses).toArray(double[][]::new));
        return IntStream.range(0, ranks.length).filter(i -> ranks[i] == 0).mapToObj(complete::get).toList();
    }

    private static boolean measured(double[] losses) {
        for (double loss : losses) {
            if (Double.isNaN(loss)) {
                return false;
            }
        }
        return losses.length > 0;
    }

    @Override
    public double[] parameters() {
        return parameters.clone();
    }

    @Override
    public double[] losses() {
        return losses.clone();
    }

    /** The values themselves, not a copy. */
    double[] values() {
        return parameters;
    }

    /** The losses themselves, not a copy. */
    double[] measuredLosses() {
        return losses;
    }
}
