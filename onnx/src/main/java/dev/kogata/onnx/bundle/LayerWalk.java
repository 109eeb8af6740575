package dev.kogata.onnx.bundle;

import dev.kogata.onnx.format.Onnx.NodeProto;
import dev.kogata.onnx.format.Onnx.ValueInfoProto;
import dev.kogata.onnx.graph.GraphView;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Numbers weights of graphs that carry no names, by the caches: a weight that takes part in what block N writes into its
 * cache, and in nothing an earlier block writes, belongs to block N if it has block N's cache before it nowhere, else to the
 * block of the nearest cache before it. What leads to the logits with no other multiplication between is the output head and has
 * no block.
 */
final class LayerWalk {
    private final Map<String, Integer> layers = new HashMap<>();

    LayerWalk(GraphView graph, Map<String, List<WeightFinder.Site>> sites) {
        List<CacheName.Pair> caches = CacheName.pairs(graph.graph());
        if (caches.isEmpty()) {
            return;
        }
        Map<String, Integer> reached = new HashMap<>(); // highest block whose cache a name depends on
        Map<String, Integer> written = new HashMap<>(); // block whose cache a name is
        caches.forEach(c -> written.put(c.output(), c.layer()));
        caches.forEach(c -> reached.put(c.input(), c.layer()));
        for (NodeProto node : graph.graph().getNodeList()) {
            int highest = node.getInputList().stream().mapToInt(i -> reached.getOrDefault(i, -1)).max().orElse(-1);
            for (String output : node.getOutputList()) {
                reached.put(output, Math.max(highest, written.getOrDefault(output, -1)));
            }
        }
        Map<String, Integer> byInput = new HashMap<>();
        sites.forEach((name, at) -> feeds(graph, at.get(0).node(), written).ifPresent(layer -> byInput.put(at.get(0).data(), layer)));
        sites.forEach((name, at) -> {
            Integer own = byInput.get(at.get(0).data());
            layers.put(name, own != null ? own : reached.getOrDefault(at.get(0).data(), -1));
        });
        sites.forEach((name, at) -> {
            if (feedsLogits(graph, at.get(0).node(), written.keySet())) {
                layers.remove(name);
            }
        });
    }

    Optional<LayerName> layerOf(String initializer) {
        return Optional.ofNullable(layers.get(initializer)).filter(l -> l >= 0).map(l -> new LayerName(l, ""));
    }

    /** The block into whose cache a node's output goes without another multiplication between. */
    private static Optional<Integer> feeds(GraphView graph, NodeProto from, Map<String, Integer> written) {
        Set<String> seen = new HashSet<>(from.getOutputList());
        List<String> front = List.copyOf(from.getOutputList());
        while (!front.isEmpty()) {
            for (String name : front) {
                if (written.containsKey(name)) {
                    return Optional.of(written.get(name));
                }
            }
            front = front.stream().flatMap(n -> graph.consumers(n).stream())
                    .filter(n -> !n.getOpType().equals("MatMul") && !n.getOpType().equals("Gemm") && !n.getOpType().equals("Shape"))
                    .flatMap(n -> n.getOutputList().stream()).filter(seen::add).toList();
        }
        return Optional.empty();
    }

    /** Whether a node's output goes to the logits without another multiplication by a matrix between, a bias or a soft cap perhaps. */
    private static boolean feedsLogits(GraphView graph, NodeProto from, Set<String> caches) {
        Optional<String> logits = graph.graph().getOutputList().stream().map(ValueInfoProto::getName).filter(o -> !caches.contains(o)).findFirst();
        Set<String> seen = new HashSet<>(from.getOutputList());
        List<String> front = List.copyOf(from.getOutputList());
        while (!front.isEmpty()) {
            if (logits.isPresent() && front.contains(logits.get())) {
                return true;
            }
            front = front.stream().flatMap(n -> graph.consumers(n).stream()).filter(n -> !multiplies(n)).flatMap(n -> n.getOutputList().stream()).filter(seen::add).toList();
        }
        return false;
    }

    private static boolean multiplies(NodeProto node) {
        return node.getOpType().startsWith("MatMul") || node.getOpType().equals("Gemm") || node.getOpType().endsWith("Attention") || node.getOpType().equals("Shape");
    }
}
