package dev.kogata.standalone.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kogata.core.budget.ByteBudget;
import dev.kogata.core.budget.Workload;
import dev.kogata.onnx.bundle.Component;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** What a job is asked to do; every field but the budget has a default. */
final class CompressOptions {
    @Option(names = "--budget", paramLabel = "BUDGET", converter = BudgetConverter.class,
            description = "Bytes of weights and cache together: 60%%, 0.6, 120MB, 120MiB or a number of bytes.")
    private ByteBudget budget;

    @Option(names = "--weights-budget", paramLabel = "SHARE", converter = ShareConverter.class,
            description = "Instead of --budget, with --cache-budget: share of the dense weights, e.g. 50%%.")
    private Double weightsBudget;

    @Option(names = "--cache-budget", paramLabel = "SHARE", converter = ShareConverter.class,
            description = "Instead of --budget, with --weights-budget: share of the dense cache, e.g. 25%%.")
    private Double cacheBudget;

    @Option(names = "--batch", paramLabel = "N", defaultValue = "1", description = "Sequences decoded at once (default ${DEFAULT-VALUE}).")
    private int batch;

    @Option(names = "--context", paramLabel = "N", defaultValue = "1024", description = "Tokens of each in the cache (default ${DEFAULT-VALUE}).")
    private int context;

    @Option(names = "--format", paramLabel = "FORMAT", defaultValue = "portable", description = "Cache format: portable (default; any runtime, costs time), native (GroupQueryAttention with int8 or int4: saves time too; layers that cannot be converted stay as they are), any (the smaller of both, by layer).")
    private String format;

    @Option(names = "--method", paramLabel = "METHOD", description = "Pruning method: sparsegpt (default; moves what stays to make up for what goes), wanda, magnitude, ria, lognorm.")
    private String method;

    @Option(names = "--final", paramLabel = "PASS", description = "Final pass: best (default), as-searched, sequential, repaired (SparseGPT moves what stays).")
    private String finalPass;

    @Option(names = "--search", paramLabel = "SEARCH", description = "How plans are found: tpe (default), random, uniform, owl, arithmetic-progression, sensitivity, or paper (arXiv 2507.20613, for comparison).")
    private String search;

    @Option(names = "--granularity", paramLabel = "WHAT", description = "What shares one sparsity: layer (default), weight, or block (eight blocks of consecutive layers).")
    private String granularity;

    @Option(names = "--include", paramLabel = "PARTS", split = ",", description = "Searches the weights of these parts too, under the same budget: vision_encoder, projector (in the vision encoder's file). Trials then run the vision encoder.")
    private List<String> include = List.of();

    @Option(names = "--pareto", description = "Instead of a budget: search for the front of bytes against divergence; deliver any point of it with: kogata jobs deliver.")
    private boolean pareto;

    @Option(names = "--trials", paramLabel = "N", defaultValue = "100", description = "Trials of the search (default ${DEFAULT-VALUE}).")
    private int trials;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "7", description = "Seed of everything random (default ${DEFAULT-VALUE}).")
    private BigInteger seed;

    @ArgGroup(exclusive = false, heading = "%nThresholds: with any of them the report says go or no-go.%n")
    private ThresholdOptions thresholds = new ThresholdOptions();

    /** The packaged demo's request. */
    static CompressOptions demo(double ratio, int trials) {
        CompressOptions options = new CompressOptions();
        options.budget = new ByteBudget.Ratio(ratio);
        options.batch = 1;
        options.context = 1024;
        options.format = "portable";
        options.trials = trials;
        options.seed = BigInteger.valueOf(7);
        return options;
    }

    /** The budget, or a refusal of none and of several; empty for a search for the front. */
    Optional<ByteBudget> budget() {
        if (!pareto) {
            return Optional.of(oneBudget());
        }
        if (budget != null || weightsBudget != null || cacheBudget != null) {
            throw CommandFailure.usage("BUDGET_INVALID", "--pareto searches for the front of all budgets: leave the budget out, or --pareto.");
        }
        return Optional.empty();
    }

    private ByteBudget oneBudget() {
        boolean total = budget != null;
        OptionalDouble ratio = budget instanceof ByteBudget.Ratio share ? OptionalDouble.of(share.ratio()) : OptionalDouble.empty();
        OptionalLong bytes = budget instanceof ByteBudget.Bytes absolute ? OptionalLong.of(absolute.bytes()) : OptionalLong.empty();
        if (!total && weightsBudget == null && cacheBudget == null) {
            throw CommandFailure.usage("BUDGET_INVALID", "The budget is missing: give --budget, or --weights-budget and --cache-budget.");
        }
        return ByteBudget.of(ratio, bytes, optional(weightsBudget), optional(cacheBudget));
    }

    /** Parts that are searched beside the decoder. */
    List<Component.Kind> included() {
        List<String> known = List.of(Component.Kind.VISION_ENCODER.label(), Component.Kind.PROJECTOR.label());
        include.stream().filter(part -> !known.contains(part)).findFirst().ifPresent(part -> {
            throw CommandFailure.usage("ARGUMENT_INVALID", "--include takes %s, not \"%s\".".formatted(String.join(" and ", known), part));
        });
        return include.stream().map(Component.Kind::of).toList();
    }

    int trials() {
        return trials;
    }

    Workload workload() {
        return new Workload(batch, context);
    }

    /** Cache format, as given. */
    String format() {
        return format;
    }

    /** The body of {@code POST /v1/jobs}. */
    ObjectNode request(String model, String dataset, String heldout) {
        ObjectNode request = Output.JSON.createObjectNode().put("model", model);
        if (!dataset.isEmpty()) {
            request.put("dataset", dataset);
        }
        if (heldout != null) {
            request.put("heldout", heldout);
        }
        if (pareto) {
            request.put("pareto", true);
        }
        budget().ifPresent(asked -> limits(request.putObject("budget"), asked));
        request.putObject("workload").put("batch", batch).put("context", context);
        request.put("format", format).put("trials", trials);
        // What is not given is the service's to choose: some defaults depend on other fields.
        putGiven(request, "method", method);
        putGiven(request, "final", finalPass);
        putGiven(request, "search", search);
        putGiven(request, "granularity", granularity);
        if (!include.isEmpty()) {
            include.forEach(request.putArray("include")::add);
        }
        request.put("seed", seed);
        ObjectNode heldAgainst = thresholds.request();
        return heldAgainst.isEmpty() ? request : request.set("thresholds", heldAgainst);
    }

    private static void limits(ObjectNode limits, ByteBudget asked) {
        if (asked instanceof ByteBudget.Ratio share) {
            limits.put("ratio", share.ratio());
        } else if (asked instanceof ByteBudget.Bytes absolute) {
            limits.put("bytes", absolute.bytes());
        } else if (asked instanceof ByteBudget.Parts parts) {
            limits.put("weights_ratio", parts.weights()).put("cache_ratio", parts.cache());
        }
    }

    private static void putGiven(ObjectNode request, String field, String value) {
        if (value != null) {
            request.put(field, value);
        }
    }

    private static OptionalDouble optional(Double value) {
        return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
    }
}
