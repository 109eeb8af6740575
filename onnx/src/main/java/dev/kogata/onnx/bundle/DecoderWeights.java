package dev.kogata.onnx.bundle;

import dev.kogata.onnx.format.Onnx.TensorProto;
import dev.kogata.onnx.graph.GraphView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The weights of a decoder: those that every graph in which it computes uses in the same way. */
final class DecoderWeights {
    private final List<WeightMatrix> weights = new ArrayList<>();
    private final Map<String, String> inputNames;
    private final Map<String, String> reasons = new HashMap<>();

    /**
     * @param graphs where it computes: {@link dev.kogata.onnx.graph.MergedDecoder#graphs}
     * @param layers number of blocks known from the cache, 0 where it is not known
     */
    DecoderWeights(ModelFile file, List<GraphView> graphs, int layers) {
        List<WeightFinder> finders = graphs.stream().map(g -> new WeightFinder(file.name(), g)).toList();
        List<List<WeightMatrix>> found = finders.stream().map(f -> f.weights(Component.Kind.DECODER, f.decoderBlocks(layers), "belongs to no decoder block (output head)")).toList();
        finders.forEach(f -> f.reasons().forEach(reasons::putIfAbsent));
        inputNames = finders.get(0).inputNames();
        // What stands inside a branch has no place in the file that is known.
        Set<String> outermost = file.model().getGraph().getInitializerList().stream().map(TensorProto::getName).collect(Collectors.toSet());
        for (WeightMatrix weight : found.get(0)) {
            if (!outermost.contains(weight.name())) {
                reasons.put(weight.name(), "stands inside a branch");
            } else if (found.stream().allMatch(f -> f.contains(weight))) {
                weights.add(weight);
            } else {
                reasons.put(weight.name(), "is used in one branch only, or otherwise in the other");
            }
        }
    }

    List<WeightMatrix> weights() {
        return List.copyOf(weights);
    }

    /** Name of the activations each weight multiplies in the first graph, where that is one name. */
    Map<String, String> inputNames() {
        return inputNames;
    }

    /** Why initializers that look like weights are left alone, by name. */
    Map<String, String> reasons() {
        return reasons;
    }
}
