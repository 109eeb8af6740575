package dev.kogata.standalone.cli;

import dev.kogata.core.budget.ByteBudget;
import dev.kogata.core.budget.CacheShape;
import dev.kogata.core.budget.ModelCost;
import dev.kogata.core.budget.Projection;
import dev.kogata.core.budget.WeightShape;
import dev.kogata.core.budget.Workload;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.bundle.Component;
import dev.kogata.onnx.bundle.CacheLayer;
import dev.kogata.onnx.bundle.WeightMatrix;
import java.nio.file.Path;
import java.util.List;

/** A bundle on this machine, scanned as the services scan it, so that what they would refuse is refused before anything starts. */
record LocalModel(Bundle bundle, List<WeightShape> weights, List<CacheShape> caches) {

    /** Opens and scans a bundle, values included. */
    static LocalModel open(Path folder) {
        return open(folder, List.of());
    }

    /** The same with the weights of these parts among its own. */
    static LocalModel open(Path folder, List<Component.Kind> include) {
        Bundle bundle = Bundle.open(folder).including(include);
        return new LocalModel(bundle, bundle.weights().stream().map(weight -> shape(bundle, weight)).toList(),
                bundle.cacheLayers().stream().map(LocalModel::shape).toList());
    }

    /** Bytes of all files. */
    long fileBytes() {
        return bundle.files().stream().mapToLong(file -> bundle.root().resolve(file).toFile().length()).sum();
    }

    /** Exact bytes at a workload. */
    ModelCost cost(Workload workload) {
        return new ModelCost(bundle.untouchedBytes(), weights, caches, workload);
    }

    /**
     * Refuses with {@code BUDGET_UNREACHABLE} what no plan meets.
     *
     * @param format {@code portable}, {@code native} or {@code any}; whatever else counts as portable, and is refused by the service
     */
    void requireReachable(ByteBudget budget, Workload workload, String format) {
        new Projection(cost(workload, format), budget);
    }

    /** Exact bytes at a workload, with the caches that a format offers. */
    ModelCost cost(Workload workload, String format) {
        List<CacheShape> offered = bundle.cacheLayers().stream().map(layer -> shape(layer, format)).toList();
        return new ModelCost(bundle.untouchedBytes(), weights, offered, workload);
    }

    private static WeightShape shape(Bundle bundle, WeightMatrix weight) {
        return new WeightShape(weight.id(), weight.layer(), weight.outputs(), weight.inputs(), weight.rows(), weight.columns(),
                weight.valueBytes(), bundle.zerosByOutputRow(weight));
    }

    private static CacheShape shape(CacheLayer cache) {
        return shape(cache, "portable");
    }

    private static CacheShape shape(CacheLayer cache, String format) {
        return new CacheShape(cache.layer(), cache.kvHeads(), cache.headSize(), cache.valueBytes(), cache.groupSize(),
                format.equals("native") ? List.of(CacheShape.AS_IS) : cache.widths(), format.equals("native") || format.equals("any") ? cache.nativeWidths() : List.of());
    }
}
