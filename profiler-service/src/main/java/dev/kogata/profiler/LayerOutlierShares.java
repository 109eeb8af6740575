package dev.kogata.profiler;

import dev.kogata.core.allocate.Owl;
import dev.kogata.core.prune.PruningMethod;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.bundle.WeightMatrix;
import dev.kogata.profiler.v1.LayerOutliers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The share of outliers that OWL allocates by, of every layer; one weight in memory at a time. */
final class LayerOutlierShares {
    private LayerOutlierShares() {}

    /** @param norms of every weight's inputs, by weight id */
    static List<LayerOutliers> of(Bundle bundle, Map<String, float[]> norms) {
        TreeMap<Integer, List<WeightMatrix>> layers = new TreeMap<>();
        bundle.weights().forEach(weight -> layers.computeIfAbsent(weight.layer(), layer -> new ArrayList<>()).add(weight));
        List<LayerOutliers> outliers = new ArrayList<>();
        layers.forEach((layer, weights) -> {
            Iterable<float[]> metric = () -> weights.stream().map(weight -> metric(bundle, weight, norms.get(weight.id()))).iterator();
            outliers.add(LayerOutliers.newBuilder().setLayer(layer).setPercent(Owl.outlierPercent(metric, Owl.THRESHOLD)).build());
        });
        return outliers;
    }

    /** abs(W) * sqrt(m), which is Wanda's score. */
    private static float[] metric(Bundle bundle, WeightMatrix weight, float[] norms) {
        return PruningMethod.WANDA.scores(weight.id(), bundle.read(weight), norms);
    }
}
