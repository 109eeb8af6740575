package dev.kogata.onnx.bundle;

import dev.kogata.onnx.bundle.Component.Kind;
import dev.kogata.onnx.format.Onnx.NodeProto;
import dev.kogata.onnx.format.Onnx.TensorProto;
import dev.kogata.onnx.graph.GraphView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The weights of a vision encoder's file. The matrices whose names number a block are the encoder's;
 * those of no block that are computed from a block's output are the projector's, as exporters put the two into one graph. What comes before
 * the blocks (the embedding of patches) is left alone.
 */
final class EncoderWeights {
    private static final String NO_BLOCK = "belongs to no block of the vision encoder";

    private final List<WeightMatrix> weights = new ArrayList<>();
    private final Map<String, String> reasons = new HashMap<>();
    private final Map<String, String> inputNames;

    /** @param first number of the first block */
    EncoderWeights(ModelFile file, GraphView graph, int first) {
        WeightFinder finder = new WeightFinder(file.name(), graph);
        inputNames = finder.inputNames();
        Set<String> outermost = file.model().getGraph().getInitializerList().stream().map(TensorProto::getName).collect(Collectors.toSet());
        List<WeightMatrix> found = new ArrayList<>();
        found.addAll(finder.weights(Kind.VISION_ENCODER, (name, site) -> LayerName.of(site.node(), name).map(l -> new LayerName(first + l.layer(), l.role())), NO_BLOCK));
        reasons.putAll(finder.reasons());
        int behind = found.stream().mapToInt(w -> w.layer() + 1).max().orElse(first);
        Set<String> reached = reached(graph, found);
        found.addAll(finder.weights(Kind.PROJECTOR, (name, site) -> LayerName.of(site.node(), name).isPresent() || !reached.contains(site.data()) ? Optional.empty()
                : Optional.of(projector(behind, site.node())), NO_BLOCK));
        finder.reasons().forEach(reasons::putIfAbsent);
        for (WeightMatrix weight : found) {
            // Its inputs are measured where it is used once, in the outermost graph; its values are replaced where they stand there.
            if (inputNames.containsKey(weight.name()) && outermost.contains(weight.name())) {
                weights.add(weight);
                reasons.remove(weight.name());
            } else {
                reasons.put(weight.name(), "is used more than once, or inside a branch");
            }
        }
    }

    private static LayerName projector(int number, NodeProto node) {
        String module = node.getName().replaceFirst("/[^/]*$", "").replaceFirst(".*/", "");
        return new LayerName(number, module.isEmpty() ? "projector" : module);
    }

    /** All names that depend on what a weight gives. */
    private static Set<String> reached(GraphView graph, List<WeightMatrix> weights) {
        Set<String> names = weights.stream().map(WeightMatrix::name).collect(Collectors.toCollection(HashSet::new));
        // A weight may stand behind Transpose nodes, which depend on it by name.
        for (NodeProto node : graph.graph().getNodeList()) {
            if (node.getInputList().stream().anyMatch(names::contains)) {
                names.addAll(node.getOutputList());
            }
        }
        return names;
    }

    /** In graph order: those of the encoder, then those of the projector. */
    List<WeightMatrix> weights() {
        return List.copyOf(weights);
    }

    /** Why initializers that look like weights are left alone, by name. */
    Map<String, String> reasons() {
        return reasons;
    }

    /** Name of the activations that a weight multiplies. */
    String inputName(WeightMatrix weight) {
        return inputNames.get(weight.name());
    }
}
