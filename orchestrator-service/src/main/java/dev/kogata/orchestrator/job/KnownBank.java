package dev.kogata.orchestrator.job;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.kogata.pruner.v1.BuildElasticWeightsResult;

/**
 * A bank of repaired weights that is there already. Immutable.
 *
 * @param job resource name of the job that had it built
 * @param result what the pruner said of it
 */
public record KnownBank(String job, BuildElasticWeightsResult result) {

    static KnownBank of(String job, byte[] result) {
        try {
            return new KnownBank(Jobs.COLLECTION + job, BuildElasticWeightsResult.parseFrom(result));
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("a row of elastic_weights holds no message", e);
        }
    }
}
