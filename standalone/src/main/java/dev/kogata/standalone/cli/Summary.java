package dev.kogata.standalone.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kogata.standalone.PlainWords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/** The three numbers that decide a rollout, dense against compressed, from a result's plan and report. */
final class Summary {
    private final Path folder;

    Summary(Path folder) {
        this.folder = folder;
    }

    /** Prints a table, or with {@code --json} the numbers. */
    void print(Output output, String job) {
        if (Files.exists(folder.resolve("front.json"))) {
            front(output, job, read("front.json"));
            return;
        }
        JsonNode plan = read("plan.json");
        JsonNode report = read("report.json");
        output.document(document(job, plan, report));

        long dense = plan.path("dense_bytes").asLong();
        long bytes = plan.path("bytes").asLong();
        JsonNode workload = plan.path("workload");
        output.line("");
        output.line(row("", "dense", "compressed"));
        output.line(row("bytes, weights and cache", ByteCount.of(dense), ByteCount.of(bytes)));
        bytes(output, report.path("memory"), "memory, peak", "peak_resident_bytes");
        bytes(output, report.path("memory"), "memory, cache", "cache_bytes");
        milliseconds(output, report.path("latency"), "latency, prefill", "prefill_seconds");
        milliseconds(output, report.path("latency"), "latency, per token", "decode_seconds_per_token");
        JsonNode heldout = report.path("heldout");
        if (heldout.path("delivered").has("feature_error")) {
            milliseconds(output, report.path("latency"), "latency, a picture", "picture_seconds");
            output.line(row("features, relative error", "0", format("%.4f", heldout.path("delivered").path("feature_error").asDouble())));
        } else {
            answers(output, heldout);
        }
        output.line("");
        output.line(format("Budget %,d bytes, met with %,d: %.1f %% of the dense model at %d x %d tokens.", plan.path("budget_bytes").asLong(), bytes,
                100.0 * bytes / Math.max(1, dense), workload.path("batch").asInt(), workload.path("context").asInt()));
        output.line("Model:  " + folder.resolve("bundle"));
        output.line("Report: " + folder.resolve("report.html"));
    }

    private static void answers(Output output, JsonNode heldout) {
        output.line(row("accuracy, exact answers", format("%.1f %%", 100 * heldout.path("dense").path("exact").asDouble()),
                format("%.1f %%", 100 * heldout.path("delivered").path("exact").asDouble())));
        output.line(row("accuracy, KL divergence", "0", format("%.4f", heldout.path("delivered").path("kl").asDouble())));
    }

    /** The points of a front, which is what a search with --pareto comes to. */
    private void front(Output output, String job, JsonNode front) {
        ObjectNode document = Output.JSON.createObjectNode().put("job", job).put("state", "SUCCEEDED").put("directory", folder.toString());
        document.set("hypervolume", front.path("hypervolume"));
        document.set("points", front.path("points"));
        output.document(document.put("report", folder.resolve("report.html").toString()));
        output.line("");
        output.line(String.format("%5s %14s %9s %14s %12s", "point", "bytes", "of dense", "held-out KL", "exact"));
        front.path("points").forEach(point -> output.line(format("%5d %,14d %8.1f%% %14.4f %11.1f%%", point.path("point").asInt(), point.path("bytes").asLong(),
                100 * point.path("share").asDouble(), point.path("heldout").path("kl").asDouble(), 100 * point.path("heldout").path("exact").asDouble())));
        output.line("");
        output.line("Deliver one: kogata jobs deliver " + job.replace("jobs/", "") + " --point N --out DIR");
        output.line("Report: " + folder.resolve("report.html"));
    }

    private ObjectNode document(String job, JsonNode plan, JsonNode report) {
        ObjectNode document = Output.JSON.createObjectNode().put("job", job).put("state", "SUCCEEDED").put("directory", folder.toString());
        for (String field : new String[] {"budget_bytes", "bytes", "dense_bytes", "workload"}) {
            document.set(field, plan.path(field));
        }
        for (String field : new String[] {"memory", "latency"}) {
            document.set(field, report.path(field));
        }
        ObjectNode heldout = document.putObject("heldout");
        heldout.set("dense", report.path("heldout").path("dense"));
        heldout.set("delivered", report.path("heldout").path("delivered"));
        return document.put("report", folder.resolve("report.html").toString());
    }

    private static void bytes(Output output, JsonNode both, String label, String field) {
        if (both.path("delivered").has(field)) {
            output.line(row(label, ByteCount.of(both.path("dense").path(field).asLong()), ByteCount.of(both.path("delivered").path(field).asLong())));
        }
    }

    private static void milliseconds(Output output, JsonNode both, String label, String field) {
        if (both.path("delivered").has(field)) {
            output.line(row(label, format("%.2f ms", 1000 * both.path("dense").path(field).asDouble()),
                    format("%.2f ms", 1000 * both.path("delivered").path(field).asDouble())));
        }
    }

    private static String row(String label, String dense, String compressed) {
        return String.format("%-26s %12s %12s", label, dense, compressed);
    }

    private static String format(String form, Object... values) {
        return String.format(Locale.ROOT, form, values);
    }

    private JsonNode read(String file) {
        try {
            return Output.JSON.readTree(folder.resolve(file).toFile());
        } catch (IOException unreadable) {
            throw new CommandFailure(ExitCode.JOB_FAILED, "VERIFICATION_FAILED",
                    "The result's " + file + " cannot be read: " + PlainWords.of(unreadable) + ".", Map.of());
        }
    }
}
