package dev.kogata.orchestrator.flow;

import dev.kogata.common.v1.Budget;
import dev.kogata.evaluator.v1.VerifyResultResult;
import dev.kogata.orchestrator.report.ReportData;
import dev.kogata.orchestrator.v1.JobRequest;
import dev.kogata.orchestrator.v1.Thresholds;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/** The command line that makes a job's result again, and the versions it was made with. Stateless. */
final class Reproduction {

    private Reproduction() {
    }

    static ReportData.Reproduction of(JobContext context, VerifyResultResult measured) {
        JobRequest request = context.request();
        boolean begins = request.getContinueFrom().isEmpty() && request.getFromJob().isEmpty();
        return new ReportData.Reproduction(begins ? String.join(" ", command(request)) : "", versions(measured));
    }

    /** Every option is given, also where it is the default of this version: another version's may differ. */
    static List<String> command(JobRequest request) {
        List<String> words = new ArrayList<>(List.of("kogata", "compress", "BUNDLE"));
        Budget budget = request.getBudget();
        switch (budget.getTotalCase()) {
            case RATIO -> words.addAll(List.of("--budget", percent(budget.getRatio())));
            case BYTES -> words.addAll(List.of("--budget", Long.toString(budget.getBytes())));
            case TOTAL_NOT_SET -> words.addAll(List.of("--weights-budget", percent(budget.getWeightsRatio()), "--cache-budget", percent(budget.getCacheRatio())));
        }
        if (!request.getDataset().isEmpty()) {
            words.addAll(List.of("--data", "DATA.jsonl"));
        }
        if (!request.getHeldout().isEmpty()) {
            words.addAll(List.of("--heldout", "HELDOUT.jsonl"));
        }
        words.addAll(List.of("--batch", Integer.toString(request.getWorkload().getBatch()), "--context", Integer.toString(request.getWorkload().getContext()),
                "--format", request.getFormat(), "--method", request.getMethod(), "--final", request.getFinal(),
                "--search", request.getSearch(), "--granularity", request.getGranularity(),
                "--trials", Integer.toString(request.getTrials()), "--seed", Names.seed(request.getSeed()).toString()));
        if (request.getIncludeCount() > 0) {
            words.addAll(List.of("--include", String.join(",", request.getIncludeList())));
        }
        words.addAll(thresholds(request.getThresholds()));
        words.addAll(List.of("--out", "DIR"));
        return words;
    }

    private static List<String> thresholds(Thresholds thresholds) {
        List<String> words = new ArrayList<>();
        if (thresholds.hasMaxAccuracyLoss()) {
            words.addAll(List.of("--max-accuracy-loss", plain(thresholds.getMaxAccuracyLoss())));
        }
        if (thresholds.hasMaxLatencyIncrease()) {
            words.addAll(List.of("--max-latency-increase", plain(thresholds.getMaxLatencyIncrease())));
        }
        if (thresholds.hasMaxKl()) {
            words.addAll(List.of("--max-kl", plain(thresholds.getMaxKl())));
        }
        if (thresholds.hasMaxProcessBytes()) {
            words.addAll(List.of("--max-process-memory", Long.toString(thresholds.getMaxProcessBytes())));
        }
        return words;
    }

    /** A share of 1 would be one byte. */
    private static String percent(double ratio) {
        return BigDecimal.valueOf(ratio).movePointRight(2).stripTrailingZeros().toPlainString() + "%";
    }

    /** The shortest decimal that is this number, without an exponent. */
    private static String plain(double value) {
        return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
    }

    private static Map<String, String> versions(VerifyResultResult measured) {
        Map<String, String> versions = new LinkedHashMap<>();
        Properties about = new Properties();
        // Only a packaged orchestrator knows its version.
        try (InputStream in = Reproduction.class.getResourceAsStream("/META-INF/maven/dev.kogata/kogata-orchestrator-service/pom.properties")) {
            if (in != null) {
                about.load(in);
                versions.put("Kogata", about.getProperty("version"));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (!measured.getDelivered().getRuntime().isEmpty()) {
            versions.put("runtime", measured.getDelivered().getRuntime());
        }
        versions.put("Java", Runtime.version().toString());
        return versions;
    }
}
