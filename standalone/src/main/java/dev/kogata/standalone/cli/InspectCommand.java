package dev.kogata.standalone.cli;

import dev.kogata.core.budget.ModelCost;
import dev.kogata.core.budget.PlanBytes;
import dev.kogata.core.budget.Projection;
import dev.kogata.core.budget.ReachableBytes;
import dev.kogata.core.budget.Workload;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.bundle.Component;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kogata inspect}. */
@Command(
        name = "inspect",
        description = "Shows what a model consists of, its bytes, which budgets it can meet, and what is left alone and why. Starts nothing.",
        footer = {"", "Examples:", "  kogata inspect my-model", "  kogata inspect my-model --context 8192 --json"})
final class InspectCommand implements Callable<Integer> {
    @Mixin
    private Output output;

    @Parameters(paramLabel = "BUNDLE", description = "Folder of the model.")
    private Path folder;

    @Option(names = "--batch", paramLabel = "N", defaultValue = "1", description = "Sequences decoded at once (default ${DEFAULT-VALUE}).")
    private int batch;

    @Option(names = "--context", paramLabel = "N", defaultValue = "1024", description = "Tokens of each in the cache (default ${DEFAULT-VALUE}).")
    private int context;

    @Override
    public Integer call() {
        Workload workload = new Workload(batch, context);
        LocalModel model = LocalModel.open(folder);
        ModelCost cost = model.cost(workload);
        ReachableBytes reachable = Projection.reachable(cost);
        output.document(new InspectionDocument(model.bundle(), workload, cost.dense(), reachable).json());
        if (!output.isJson()) {
            print(model.bundle(), cost.dense(), reachable);
        }
        return ExitCode.DONE;
    }

    private void print(Bundle bundle, PlanBytes dense, ReachableBytes reachable) {
        output.line("layout " + bundle.layout());
        output.line("");
        output.line("components");
        bundle.components().forEach(part -> output.line(format("  %-15s %-40s %3d layers %10s  opset %d, IR %d",
                part.kind().label(), part.file(), part.layers(), ByteCount.of(part.tensorBytes()), part.opset(), part.irVersion())));
        output.line("");
        output.line(format("weights that can be pruned: %d", bundle.weights().size()));
        bundle.weights().forEach(weight -> output.line(format("  layer %3d  %-10s %6d x %-6d %-8s %10s  %s", weight.layer(), weight.role(),
                weight.rows(), weight.columns(), weight.dataType(), ByteCount.of(weight.bytes()), weight.name())));
        for (Component.Kind part : new Component.Kind[] {Component.Kind.VISION_ENCODER, Component.Kind.PROJECTOR}) {
            var own = bundle.includable().stream().filter(weight -> weight.part() == part).toList();
            if (!own.isEmpty()) {
                output.line(format("weights that --include %s adds: %d, %s", part.label(), own.size(), ByteCount.of(own.stream().mapToLong(weight -> weight.bytes()).sum())));
            }
        }
        output.line("");
        output.line(format("key and value caches: %d", bundle.cacheLayers().size()));
        bundle.cacheLayers().forEach(cache -> output.line(format("  layer %3d  %d heads of %d channels, %d bytes a value, portable widths %s (0: as is), native %s",
                cache.layer(), cache.kvHeads(), cache.headSize(), cache.valueBytes(), cache.widths(),
                cache.nativeWidths().isEmpty() ? "not possible: " + cache.nativeObstacle() : cache.nativeWidths().toString())));
        output.line("");
        output.line(format("bytes at %d x %d tokens: %,d (weights %s, left alone %s, cache %s)", batch, context, dense.total(),
                ByteCount.of(dense.weights()), ByteCount.of(dense.untouched()), ByteCount.of(dense.cache())));
        output.line(format("budgets that can be met: %,d to %,d bytes (%.1f %% to %.1f %%)", reachable.minimum(), reachable.maximum(),
                percent(reachable.minimum(), dense.total()), percent(reachable.maximum(), dense.total())));
        output.line("");
        output.line(format("left alone: %d tensors", bundle.untouched().size()));
        bundle.untouched().forEach(tensor -> output.line(format("  %10s  %s (%s)", ByteCount.of(tensor.bytes()), tensor.name(), tensor.why())));
        bundle.remarks().forEach(remark -> output.line("- " + remark));
    }

    private static double percent(long part, long whole) {
        return 100.0 * part / Math.max(1, whole);
    }

    private static String format(String form, Object... values) {
        return String.format(Locale.ROOT, form, values);
    }
}
