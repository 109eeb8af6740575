package dev.kogata.orchestrator.job;

import dev.kogata.orchestrator.v1.JobState;
import java.util.List;
import java.util.stream.Stream;

/** Which states are ends. Stateless. */
public final class JobStates {

    /** Names of the states that a job can still leave. */
    static final List<String> ACTIVE = Stream.of(JobState.values())
            .filter(state -> state != JobState.UNRECOGNIZED && state != JobState.JOB_STATE_UNSPECIFIED && !ended(state)).map(Enum::name).toList();

    private JobStates() {
    }

    /** Whether a job stays in this state for ever. */
    public static boolean ended(JobState state) {
        return state == JobState.SUCCEEDED || state == JobState.FAILED || state == JobState.CANCELLED;
    }
}
