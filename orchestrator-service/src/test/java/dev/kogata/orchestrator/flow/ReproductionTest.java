package dev.kogata.orchestrator.flow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kogata.common.v1.Budget;
import dev.kogata.common.v1.Workload;
import dev.kogata.orchestrator.v1.JobRequest;
import dev.kogata.orchestrator.v1.Thresholds;
import org.junit.jupiter.api.Test;

class ReproductionTest {

    private final JobRequest.Builder request = JobRequest.newBuilder().setWorkload(Workload.newBuilder().setBatch(2).setContext(512)).setFormat("portable")
            .setMethod("wanda").setFinal("best").setSearch("tpe").setGranularity("layer").setTrials(30).setSeed(-1);

    @Test
    void givesEveryOptionAndTheSeedWithoutASign() {
        request.setBudget(Budget.newBuilder().setRatio(0.45)).setDataset("datasets/own").setHeldout("datasets/held");
        assertThat(String.join(" ", Reproduction.command(request.build()))).isEqualTo("kogata compress BUNDLE --budget 45% --data DATA.jsonl --heldout HELDOUT.jsonl "
                + "--batch 2 --context 512 --format portable --method wanda --final best --search tpe --granularity layer --trials 30 --seed 18446744073709551615 --out DIR");
    }

    @Test
    void writesAWholeModelAsAShareAndNotAsOneByte() {
        assertThat(Reproduction.command(request.setBudget(Budget.newBuilder().setRatio(1)).build())).containsSequence("--budget", "100%");
        assertThat(Reproduction.command(request.setBudget(Budget.newBuilder().setBytes(4096)).build())).containsSequence("--budget", "4096");
        assertThat(Reproduction.command(request.setBudget(Budget.newBuilder().setWeightsRatio(0.5).setCacheRatio(0.125)).build()))
                .containsSequence("--weights-budget", "50%", "--cache-budget", "12.5%");
    }

    @Test
    void namesNoDataWhereNoneWasGiven() {
        assertThat(Reproduction.command(request.setBudget(Budget.newBuilder().setBytes(4096)).build())).doesNotContain("--data", "--heldout");
    }

    @Test
    void repeatsTheThresholdsThatWereGiven() {
        request.setThresholds(Thresholds.newBuilder().setMaxAccuracyLoss(0).setMaxKl(1e-5).setMaxProcessBytes(1L << 31));
        assertThat(String.join(" ", Reproduction.command(request.build()))).contains("--max-accuracy-loss 0 --max-kl 0.00001 --max-process-memory 2147483648")
                .doesNotContain("latency");
    }
}
