package dev.kogata.orchestrator.flow;

import dev.kogata.orchestrator.job.Trial;
import dev.kogata.orchestrator.v1.JobRequest;
import java.util.Locale;

/** How a job finds its plans, as the request names it. */
enum Search {

    TPE, RANDOM, UNIFORM, OWL, ARITHMETIC_PROGRESSION, SENSITIVITY, PAPER;

    static Search of(JobRequest request) {
        return valueOf(request.getSearch().replace('-', '_').toUpperCase(Locale.ROOT));
    }

    /** As requests and documents write it. */
    String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Whether its first trials are the plans that every job is compared with. */
    boolean startsWithBaselines() {
        return this != RANDOM && this != PAPER;
    }

    /** Whether a trial may be delivered: with TPE any of the search's own or those that compete with them, with a fixed rule only what the rule says. */
    boolean delivers(Trial trial) {
        return this == TPE ? trial.number() >= 0 : trial.origin().equals(word());
    }
}
