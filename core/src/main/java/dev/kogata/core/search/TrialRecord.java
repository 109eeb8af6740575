package dev.kogata.core.search;

/**
 * One line of a search's journal. Immutable.
 *
 * @param number number of the trial, from 0
 * @param parameters values in the order of the search space
 * @param loss what was measured, smaller is better; a lower bound where stopped, meaningless where running or failed
 * @param state how far it came
 */
public record TrialRecord(int number, double[] parameters, double loss, State state) {

    /** How far a trial came. */
    public enum State {
        /** Asked and not told yet; counts with the bad ones, so that parallel trials keep apart. */
        RUNNING,
        /** Told. */
        COMPLETE,
        /** Given up early, or not measured, because it is worse than enough others; its loss is a lower bound. Counts with the bad ones. */
        STOPPED,
        /** Told that nothing could be measured; does not count. */
        FAILED
    }

    /** Throws {@link IllegalArgumentException} for a complete trial whose loss is no number. */
    public TrialRecord {
        if (state == State.COMPLETE && Double.isNaN(loss)) {
            throw new IllegalArgumentException("trial %d is complete but its loss is not a number; record it as failed".formatted(number));
        }
        parameters = parameters.clone();
    }

    /** A trial that was asked. */
    public static TrialRecord running(int number, double[] parameters) {
        return new TrialRecord(number, parameters, Double.NaN, State.RUNNING);
    }

    /** The same trial, told. A loss that is no number makes it failed. */
    public TrialRecord told(double measured) {
        return new TrialRecord(number, parameters, measured, Double.isNaN(measured) ? State.FAILED : State.COMPLETE);
    }

    /** The same trial, given up: its loss is at least this. */
    public TrialRecord stopped(double atLeast) {
        return new TrialRecord(number, parameters, atLeast, State.STOPPED);
    }

    @Override
    public double[] parameters() {
        return parameters.clone();
    }

    /** The values themselves, not a copy. */
    double[] values() {
        return parameters;
    }
}
