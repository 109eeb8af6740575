package dev.kogata.orchestrator.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.kogata.common.v1.Quality;
import dev.kogata.evaluator.v1.ProcessMeasurement;
import dev.kogata.evaluator.v1.VerifyResultResult;
import dev.kogata.orchestrator.report.ReportData.Check;
import dev.kogata.orchestrator.report.ReportData.Decision;
import dev.kogata.orchestrator.v1.Thresholds;
import org.junit.jupiter.api.Test;

class VerdictTest {

    private static final Quality DENSE = Quality.newBuilder().setExact(0.75).build();
    private static final VerifyResultResult MEASURED = VerifyResultResult.newBuilder()
            .setHeldout(Quality.newBuilder().setExact(0.5).setKl(0.02).setKlStandardError(0.003))
            .setDense(ProcessMeasurement.newBuilder().setDecodeTokens(8).setDecodeSecondsPerToken(0.5).setPrefillSeconds(1))
            .setDelivered(ProcessMeasurement.newBuilder().setDecodeTokens(8).setDecodeSecondsPerToken(0.75).setPrefillSeconds(1.25).setPeakResidentBytes(1000)).build();

    @Test
    void givesNoVerdictWithoutThresholds() {
        assertThat(Verdict.of(Thresholds.getDefaultInstance(), DENSE, MEASURED).verdict()).isEqualTo("none");
    }

    @Test
    void isGoWhereEveryLimitIsHeldToTheLastDigit() {
        Decision decision = Verdict.of(Thresholds.newBuilder().setMaxAccuracyLoss(0.25).setMaxKl(0.02).setMaxLatencyIncrease(0.5).setMaxProcessBytes(1000).build(), DENSE, MEASURED);

        assertThat(decision.verdict()).isEqualTo("go");
        assertThat(decision.checks()).extracting(Check::name).containsExactly("max_accuracy_loss", "max_kl", "max_latency_increase", "max_process_bytes");
        assertThat(decision.checks()).extracting(Check::value).containsExactly(0.25, 0.02, 0.5, 1000.0);
        assertThat(decision.checks()).allMatch(Check::held);
    }

    @Test
    void isNoGoWhereOneLimitIsExceeded() {
        Decision decision = Verdict.of(Thresholds.newBuilder().setMaxAccuracyLoss(0.3).setMaxLatencyIncrease(0.25).build(), DENSE, MEASURED);

        assertThat(decision.verdict()).isEqualTo("no-go");
        assertThat(decision.checks()).extracting(Check::held).containsExactly(true, false);
    }

    @Test
    void aLimitOfZeroIsALimit() {
        assertThat(Verdict.of(Thresholds.newBuilder().setMaxAccuracyLoss(0).build(), DENSE, MEASURED).verdict()).isEqualTo("no-go");
    }

    @Test
    void holdsPrefillAgainstTheLimitWhereNothingIsDecoded() {
        VerifyResultResult encoder = MEASURED.toBuilder().setDense(MEASURED.getDense().toBuilder().setDecodeTokens(0)).build();
        Check check = Verdict.of(Thresholds.newBuilder().setMaxLatencyIncrease(1).build(), DENSE, encoder).checks().get(0);

        assertThat(check.value()).isCloseTo(0.25, within(1e-12));
        assertThat(check.measures()).contains("prefill");
    }

    @Test
    void whatIsNoNumberHoldsNoLimit() {
        VerifyResultResult broken = MEASURED.toBuilder().setHeldout(MEASURED.getHeldout().toBuilder().setKl(Double.NaN)).build();
        assertThat(Verdict.of(Thresholds.newBuilder().setMaxKl(1).build(), DENSE, broken).verdict()).isEqualTo("no-go");
    }
}
