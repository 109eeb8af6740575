package dev.kogata.orchestrator.flow;

import dev.kogata.common.v1.Quality;
import dev.kogata.evaluator.v1.ProcessMeasurement;
import dev.kogata.evaluator.v1.VerifyResultResult;
import dev.kogata.orchestrator.report.ReportData.Check;
import dev.kogata.orchestrator.report.ReportData.Decision;
import dev.kogata.orchestrator.v1.Thresholds;
import java.util.ArrayList;
import java.util.List;

/** Holds what was measured against the thresholds that the caller gave. A value that is no number holds none. Stateless. */
final class Verdict {

    private static final String SHARE = "share";

    private Verdict() {
    }

    /** @param dense the dense model on the held-out data */
    static Decision of(Thresholds thresholds, Quality dense, VerifyResultResult measured) {
        List<Check> checks = new ArrayList<>();
        Quality delivered = measured.getHeldout();
        if (thresholds.hasMaxAccuracyLoss()) {
            checks.add(check("max_accuracy_loss", "fall of the share of exact answers on held-out data", SHARE, thresholds.getMaxAccuracyLoss(),
                    dense.getExact() - delivered.getExact(), null));
        }
        if (thresholds.hasMaxKl()) {
            checks.add(check("max_kl", "KL divergence from the dense model on held-out data", "nats", thresholds.getMaxKl(), delivered.getKl(), delivered.getKlStandardError()));
        }
        if (thresholds.hasMaxLatencyIncrease()) {
            checks.add(check("max_latency_increase", longer(measured.getDense()), SHARE, thresholds.getMaxLatencyIncrease(),
                    seconds(measured.getDelivered(), measured.getDense()) / seconds(measured.getDense(), measured.getDense()) - 1, null));
        }
        if (thresholds.hasMaxProcessBytes()) {
            checks.add(check("max_process_bytes", "peak resident memory of the process", "bytes", thresholds.getMaxProcessBytes(),
                    measured.getDelivered().getPeakResidentBytes(), null));
        }
        return new Decision(checks.isEmpty() ? "none" : checks.stream().allMatch(Check::held) ? "go" : "no-go", checks);
    }

    private static Check check(String name, String measures, String unit, double limit, double value, Double standardError) {
        return new Check(name, measures, unit, limit, value, standardError, value <= limit);
    }

    private static String longer(ProcessMeasurement process) {
        return process.getPictureSeconds() > 0 ? "longer time for a picture" : process.getDecodeTokens() > 0 ? "longer time per decoded token" : "longer time of prefill";
    }

    /** @param dense tells what was timed */
    private static double seconds(ProcessMeasurement process, ProcessMeasurement dense) {
        return dense.getPictureSeconds() > 0 ? process.getPictureSeconds() : dense.getDecodeTokens() > 0 ? process.getDecodeSecondsPerToken() : process.getPrefillSeconds();
    }
}
