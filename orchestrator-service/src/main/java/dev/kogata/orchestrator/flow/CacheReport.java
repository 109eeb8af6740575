package dev.kogata.orchestrator.flow;

import dev.kogata.orchestrator.flow.ProfileStage.Caches;
import dev.kogata.orchestrator.report.ReportData;
import dev.kogata.quantizer.v1.CacheSide;

/** What the quantizer measured about caches, for the report. Stateless. */
final class CacheReport {

    private CacheReport() {
    }

    static ReportData.CacheSensitivity of(Caches caches) {
        return new ReportData.CacheSensitivity(caches.sensitivity().getConversations(),
                caches.sensitivity().getLossesList().stream().map(l -> new ReportData.WidthLoss(l.getLayer(), side(l.getSide()), Names.of(l.getFormat()), l.getBits(),
                        l.getKl(), l.getKlStandardError())).toList(),
                caches.calibrated().getThresholdsList().stream().map(t -> new ReportData.Threshold(t.getBits(), side(t.getSide()), t.getThreshold(), t.getKl(), t.getChosen())).toList());
    }

    private static String side(CacheSide side) {
        return side == CacheSide.KEY_SIDE ? "keys" : "values";
    }
}
