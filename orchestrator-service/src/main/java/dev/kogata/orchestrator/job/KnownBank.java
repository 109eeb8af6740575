package dev.kogata.orchestrator.job;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.kogata.core.budget.VersionGrid;
import dev.kogata.pruner.v1.BuildElasticWeightsResult;
import java.util.Optional;

/**
 * A bank of repaired weights that is there already. Immutable.
 *
 * @param job resource name of the job that had it built
 * @param result what the pruner said of it
 */
public record KnownBank(String job, BuildElasticWeightsResult result) {
    /** Under this name every job keeps what was said of the bank that it searches on. */
    public static final String ORIGIN = "bank";

    /** Versions of the bank that a job searches on; empty where it searches on level maps, or has not come so far. */
    static Optional<VersionGrid> versions(JobStore store, String job) {
        return store.taskResult(job, ORIGIN).map(any -> {
            try {
                return new VersionGrid(any.unpack(BuildElasticWeightsResult.class).getStepsList());
            } catch (InvalidProtocolBufferException e) {
                throw new IllegalStateException("what a job knows of its bank is no message", e);
            }
        });
    }

    static KnownBank of(String job, byte[] result) {
        try {
            return new KnownBank(Jobs.COLLECTION + job, BuildElasticWeightsResult.parseFrom(result));
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("a row of elastic_weights holds no message", e);
        }
    }
}
