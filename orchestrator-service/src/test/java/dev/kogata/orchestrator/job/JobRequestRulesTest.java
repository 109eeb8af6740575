package dev.kogata.orchestrator.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kogata.common.v1.Budget;
import dev.kogata.core.prune.PruningMethod;
import dev.kogata.orchestrator.v1.JobRequest;
import org.junit.jupiter.api.Test;

class JobRequestRulesTest {

    private static final JobRequest REQUEST = JobRequest.newBuilder().setModel("models/m").setDataset("datasets/d").setBudget(Budget.newBuilder().setRatio(0.5)).build();

    @Test
    void takesEveryPruningMethodThereIsAndRepairsUnlessTold() {
        for (PruningMethod method : PruningMethod.values()) {
            assertThat(JobRequestRules.complete(REQUEST.toBuilder().setMethod(method.label()).build()).getMethod()).isEqualTo(method.label());
        }
        assertThat(JobRequestRules.complete(REQUEST.toBuilder().setMethod("sparsegpt").build()).getMethod()).isEqualTo("sparsegpt");
        assertThat(JobRequestRules.complete(REQUEST).getMethod()).isEqualTo("sparsegpt");
    }
}
