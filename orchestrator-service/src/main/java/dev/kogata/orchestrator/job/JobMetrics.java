package dev.kogata.orchestrator.job;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.kogata.evaluator.v1.EvaluatePlanResult;
import dev.kogata.kit.database.Database;
import dev.kogata.orchestrator.v1.JobState;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Metrics;

/** {@code kogata_jobs{state}} as the database has them, and {@code kogata_trial_seconds} as workers measure them. Thread-safe. */
public final class JobMetrics {
    private JobMetrics() {
    }

    /** Registers a gauge for every state; each is asked for at every scrape, and no number where the database is away. */
    public static void register(MeterRegistry registry, Database database) {
        for (JobState state : JobState.values()) {
            if (state != JobState.JOB_STATE_UNSPECIFIED && state != JobState.UNRECOGNIZED) {
                Gauge.builder("kogata.jobs", database, asked -> count(asked, state)).tag("state", state.name()).description("Jobs by state").register(registry);
            }
        }
    }

    private static double count(Database database, JobState state) {
        try {
            return database.withHandle(handle -> handle.createQuery("select count(*) from job where state = :state").bind("state", state.name())
                    .mapTo(Long.class).one());
        } catch (RuntimeException e) {
            return Double.NaN;
        }
    }

    /** Takes a task's result, and the time of the trial where it is one. */
    static void measured(Any result) {
        if (result.is(EvaluatePlanResult.class)) {
            try {
                double seconds = result.unpack(EvaluatePlanResult.class).getSeconds();
                if (seconds > 0) {
                    Metrics.summary("kogata.trial.seconds").record(seconds);
                }
            } catch (InvalidProtocolBufferException e) {
                throw new IllegalStateException("the result of a trial is no message", e);
            }
        }
    }
}
