package dev.kogata.orchestrator.flow;

import dev.kogata.common.v1.Quality;
import dev.kogata.orchestrator.job.Loss;
import dev.kogata.orchestrator.job.Trial;

/**
 * A trial's plan, measured again on the selection set in the elastic graph. Immutable.
 *
 * @param trial the trial
 * @param selection what the selection set says
 */
record Finalist(Trial trial, Quality selection) {

    static final String UNIFORM = "uniform";

    /** As people read it. */
    String label() {
        return "trial " + trial.number() + " (" + trial.origin() + ")";
    }

    /** Loss to choose by. */
    double loss() {
        return Loss.of(selection).choosable();
    }

    boolean uniform() {
        return trial.origin().equals(UNIFORM);
    }
}
