package dev.kogata.orchestrator.flow;

import dev.kogata.kit.error.KogataException;

/** A service that a job needs did not answer for as long as it may be away: the job fails. The cause says so to callers. */
final class ServiceAway extends RuntimeException {

    private final transient KogataException error;

    ServiceAway(KogataException error) {
        super(error.getMessage(), error);
        this.error = error;
    }

    KogataException error() {
        return error;
    }
}
