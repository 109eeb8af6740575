package dev.kogata.standalone.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kogata.core.budget.ByteBudget;
import dev.kogata.core.budget.ModelCost;
import dev.kogata.core.budget.Projection;
import dev.kogata.core.budget.ReachableBytes;
import dev.kogata.standalone.client.Gateway;
import java.util.Locale;
import java.util.Optional;

/** What a compression would cost, before anything is sent or started. */
final class Estimate {
    private final Output output;
    private final CompressOptions options;

    Estimate(Output output, CompressOptions options) {
        this.output = output;
        this.options = options;
    }

    /**
     * Shows the estimate: the gateway's where it knows the model, whose earlier jobs tell the time; else what counting on this machine tells.
     *
     * @param gateway that runs now, if one does
     */
    void show(LocalModel model, ByteBudget budget, Optional<Gateway> gateway) {
        Optional<String> known = gateway.flatMap(there -> there.find("models", LocalFiles.sha256(model.bundle().root(), model.bundle().files())));
        JsonNode estimate = known.isPresent() ? gateway.orElseThrow().estimate(options.request(known.get(), "", null)) : counted(model, budget, gateway.isPresent());
        output.document(estimate);
        print(estimate);
    }

    /** Shows the gateway's estimate for a model that it has. */
    void show(String stored, Gateway gateway) {
        JsonNode estimate = gateway.estimate(options.request(stored, "", null));
        output.document(estimate);
        print(estimate);
    }

    private ObjectNode counted(LocalModel model, ByteBudget asked, boolean reached) {
        ModelCost cost = model.cost(options.workload(), options.format());
        Projection projection = new Projection(cost, asked);
        ReachableBytes reachable = Projection.reachable(cost);
        int layers = cost.cacheLayers().size();
        long budget = projection.budgetBytes(projection.project(new double[cost.weights().size()], new int[layers], new int[layers]));
        long elements = model.weights().stream().mapToLong(weight -> (long) weight.rows() * weight.columns()).sum();
        ObjectNode estimate = Output.JSON.createObjectNode().put("dense_bytes", cost.denseBytes()).put("budget_bytes", budget)
                .put("minimum_bytes", reachable.minimum()).put("maximum_bytes", reachable.maximum())
                .put("trials", options.trials()).put("measured_trials", 0)
                .put("memory_bytes", cost.dense().untouched() + cost.dense().weights() + elements + cost.dense().cache() / Math.max(1, options.workload().batch()));
        estimate.putArray("notes").add(reached ? "Kogata has not seen this model yet, so that its time is unknown; a job of a few trials tells it."
                : "No Kogata runs here, so that the time is unknown; name one with --server, or start one with kogata serve.");
        return estimate;
    }

    private void print(JsonNode estimate) {
        line("dense", ByteCount.of(estimate.path("dense_bytes").asLong()));
        line("budget", String.format(Locale.ROOT, "%s; %s to %s can be reached", ByteCount.of(estimate.path("budget_bytes").asLong()),
                ByteCount.of(estimate.path("minimum_bytes").asLong()), ByteCount.of(estimate.path("maximum_bytes").asLong())));
        line("memory", ByteCount.of(estimate.path("memory_bytes").asLong()) + " at least, in a worker");
        line("trials", estimate.path("trials").asText());
        if (estimate.hasNonNull("trial_seconds")) {
            line("one trial", String.format(Locale.ROOT, "%.3g s (median of %d)", estimate.path("trial_seconds").asDouble(), estimate.path("measured_trials").asInt()));
            line("search", String.format(Locale.ROOT, "%.0f s", estimate.path("search_seconds").asDouble()));
        }
        if (estimate.hasNonNull("total_seconds")) {
            line("in all", String.format(Locale.ROOT, "%.0f s", estimate.path("total_seconds").asDouble()));
        }
        estimate.path("notes").forEach(note -> output.line("- " + note.asText()));
    }

    private void line(String label, String value) {
        output.line(String.format("%-10s %s", label, value));
    }
}
