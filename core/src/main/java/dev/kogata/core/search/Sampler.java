package dev.kogata.core.search;

import java.util.List;

/**
 * Proposes points of a search space. A proposal depends on nothing but the sampler's seed, the trial's number and the history, so
 * that a search that was killed goes on bit for bit from its journal, on any platform. Thread-safe.
 */
public interface Sampler {

    /** The search space. */
    List<Parameter> parameters();

    /**
     * Values for a trial.
     *
     * @param number number of the trial
     * @param history all trials asked before, in any order, running ones too
     */
    double[] ask(int number, List<TrialRecord> history);
}
