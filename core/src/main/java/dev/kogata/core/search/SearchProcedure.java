package dev.kogata.core.search;

import dev.kogata.core.budget.ElasticPlan;
import java.util.List;

/** A way to look for plans, trial by trial. A proposal depends on nothing but seed, number and history. Thread-safe. */
public interface SearchProcedure {

    /**
     * The plan of a trial.
     *
     * @param number number of the trial
     * @param history all trials asked before, in any order, running ones too
     */
    Proposal propose(int number, List<TrialRecord> history);

    /** The plan of parameters from the journal. */
    ElasticPlan plan(double[] parameters);

    /** Bytes that a plan may weigh; one that weighs more is a trial all the same, but is not measured. */
    long limit(ElasticPlan plan);

    /** How many trials there are to make where so many are asked for; a procedure of a few fixed plans makes all of them. */
    int trials(int asked);
}
