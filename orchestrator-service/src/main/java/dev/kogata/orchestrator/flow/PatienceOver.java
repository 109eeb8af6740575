package dev.kogata.orchestrator.flow;

import dev.kogata.kit.error.KogataException;

/** A service, or what a task needs of its store, was away for as long as it may be: the job fails. The cause says so to callers. */
final class PatienceOver extends RuntimeException {

    private final transient KogataException error;

    PatienceOver(KogataException error) {
        super(error.getMessage(), error);
        this.error = error;
    }

    KogataException error() {
        return error;
    }
}
