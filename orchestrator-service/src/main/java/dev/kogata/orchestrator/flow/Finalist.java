package dev.kogata.orchestrator.flow;

import dev.kogata.common.v1.Quality;
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

    /** Divergence to choose by: what is no number is never chosen. */
    double loss() {
        return Double.isFinite(selection.getKl()) ? selection.getKl() : Double.POSITIVE_INFINITY;
    }

    boolean uniform() {
        return trial.origin().equals(UNIFORM);
    }
}
