package dev.kogata.standalone.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleFunction;

/** Two reports, number by number, and what keeps them from being compared. Numbers that one of them lacks are left out. Immutable. */
final class Comparison {
    /** Below this many standard errors a difference may be chance. */
    private static final double CLEAR = 2;
    private static final int WIDEST_NAME = 24;

    /**
     * One number of both.
     *
     * @param name its path in report.json
     * @param change of the second against the first, in words
     */
    record Row(String name, String label, double first, double second, String shownFirst, String shownSecond, String change) {
    }

    private final List<String> names;
    private final JsonNode first;
    private final JsonNode second;
    private final List<Row> rows = new ArrayList<>();
    private final List<String> remarks = new ArrayList<>();

    Comparison(String firstName, JsonNode first, String secondName, JsonNode second) {
        this.names = List.of(firstName, secondName);
        this.first = first;
        this.second = second;
        ratio("budget.used_bytes", "bytes, weights and cache", value -> ByteCount.of((long) value));
        ratio("memory.delivered.peak_resident_bytes", "memory, process peak", value -> ByteCount.of((long) value));
        ratio("memory.delivered.cache_bytes", "memory, cache", value -> ByteCount.of((long) value));
        ratio("latency.delivered.prefill_seconds", "latency, prefill", Comparison::milliseconds);
        ratio("latency.delivered.decode_seconds_per_token", "latency, per token", Comparison::milliseconds);
        difference("heldout.delivered.exact", "accuracy, exact answers");
        ratio("heldout.delivered.kl", "accuracy, KL, nats", value -> format("%.4g", value));
        ratio("latency.delivered.picture_seconds", "latency, a picture", Comparison::milliseconds);
        ratio("heldout.delivered.feature_error", "features, relative error", value -> format("%.4g", value));
        ratio("heldout.delivered.nll", "accuracy, log loss, nats", value -> format("%.4g", value));
        ratio("cost.seconds", "cost, whole job", value -> format("%.0f s", value));
        ratio("cost.trials", "cost, trials", value -> format("%.0f", value));
        remark();
    }

    List<String> names() {
        return names;
    }

    List<Row> rows() {
        return List.copyOf(rows);
    }

    List<String> remarks() {
        return List.copyOf(remarks);
    }

    /** A table for a terminal. */
    List<String> lines() {
        List<String> lines = new ArrayList<>(List.of("", line("", shortened(names.get(0)), shortened(names.get(1)), "")));
        rows.forEach(row -> lines.add(line(row.label, row.shownFirst, row.shownSecond, row.change)));
        lines.add("");
        lines.addAll(remarks);
        return lines;
    }

    ObjectNode document() {
        ObjectNode document = Output.JSON.createObjectNode().put("first", names.get(0)).put("second", names.get(1));
        ArrayNode numbers = document.putArray("numbers");
        rows.forEach(row -> numbers.addObject().put("name", row.name).put("first", row.first).put("second", row.second));
        remarks.forEach(document.putArray("remarks")::add);
        return document;
    }

    private void ratio(String name, String label, DoubleFunction<String> shown) {
        JsonNode a = at(first, name), b = at(second, name);
        if (a.isNumber() && b.isNumber()) {
            double before = a.asDouble(), after = b.asDouble();
            rows.add(new Row(name, label, before, after, shown.apply(before), shown.apply(after), before > 0 ? format("%+.1f %%", (after / before - 1) * 100) : ""));
        }
    }

    private void difference(String name, String label) {
        JsonNode a = at(first, name), b = at(second, name);
        if (a.isNumber() && b.isNumber()) {
            rows.add(new Row(name, label, a.asDouble(), b.asDouble(), format("%.1f %%", 100 * a.asDouble()), format("%.1f %%", 100 * b.asDouble()),
                    format("%+.1f points", 100 * (b.asDouble() - a.asDouble()))));
        }
    }

    private void remark() {
        if (differ("model.sha256")) {
            remarks.add("The models are not the same: only what each lost against its own dense model can be compared.");
        }
        if (differ("data.heldout_sha256") || at(first, "data.heldout_sha256").asText().isEmpty() && (differ("data.dataset_sha256") || differ("search.seed"))) {
            remarks.add("Their held-out conversations are not the same: accuracy cannot be compared.");
        } else {
            remarks.add(apart());
        }
        if (differ("budget.batch") || differ("budget.context")) {
            remarks.add("Their workloads are not the same: bytes count caches of different sizes.");
        }
        if (differ("environment")) {
            remarks.add("They were measured on different machines or with different threads: memory and latency cannot be compared.");
        }
    }

    private String apart() {
        boolean features = at(first, "heldout.delivered").has("feature_error");
        if (features != at(second, "heldout.delivered").has("feature_error")) {
            return "One is a vision encoder alone, the other one answers: what they lost cannot be compared.";
        }
        String loss = "heldout.delivered." + (features ? "feature_error" : "kl"), noun = features ? "feature error" : "KL divergence";
        double difference = at(second, loss).asDouble() - at(first, loss).asDouble();
        double error = Math.hypot(at(first, loss + "_standard_error").asDouble(), at(second, loss + "_standard_error").asDouble());
        double errors = error > 0 ? Math.abs(difference) / error : 0;
        if (difference == 0) {
            return "Their %ss are the same.".formatted(noun);
        }
        return errors < CLEAR ? format("Their %ss differ by %.1f standard errors: too little to tell them apart with this much data.", noun, errors)
                : format("%s is closer to the dense model, by %.1f standard errors of %s.", names.get(difference < 0 ? 1 : 0), errors, noun);
    }

    private boolean differ(String name) {
        return !at(first, name).equals(at(second, name));
    }

    private static JsonNode at(JsonNode report, String name) {
        return report.at("/" + name.replace('.', '/'));
    }

    private static String line(String label, String first, String second, String change) {
        return String.format("%-26s %24s %24s  %s", label, first, second, change).stripTrailing();
    }

    /** The end of a long path says most. */
    private static String shortened(String name) {
        return name.length() <= WIDEST_NAME ? name : "..." + name.substring(name.length() - WIDEST_NAME + 3);
    }

    private static String milliseconds(double seconds) {
        return format("%.2f ms", seconds * 1000);
    }

    private static String format(String form, Object... values) {
        return String.format(Locale.ROOT, form, values);
    }
}
