package dev.kogata.onnx.bundle;

import dev.kogata.onnx.format.Onnx.NodeProto;
import dev.kogata.onnx.format.Onnx.TensorProto;
import dev.kogata.onnx.graph.Attributes;
import dev.kogata.onnx.graph.GraphView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Finds the matrices of blocks: initializers that multiply activations from the right, directly (MatMul, Gemm) or
 * behind Identity and Transpose. What is not pruned is told with its reason.
 */
final class WeightFinder {
    static final String QUANTIZED_ALREADY = "is quantized already";
    /** Operators that read weights of few bits, and those that make floats of them. */
    private static final Pattern QUANTIZED = Pattern.compile("Integer|NBits|BnB4|[Qq]uantize|^QLinear|^QGemm|^QMoE");

    private final String file;
    private final GraphView graph;
    private final Map<String, List<Site>> sites = new LinkedHashMap<>();
    private final Map<String, Integer> uses = new HashMap<>();
    private final Map<String, String> reasons = new HashMap<>();

    WeightFinder(String file, GraphView graph) {
        this.file = file;
        this.graph = graph;
        graph.forEachNode(this::visit);
    }

    /** Tells the block that a matrix belongs to; nothing for one that is left alone. */
    @FunctionalInterface
    interface Blocks {
        Optional<LayerName> of(String initializer, Site first);
    }

    /** Blocks of a decoder, by names or by the caches. {@code layers}: their number, 0 where it is not known. */
    Blocks decoderBlocks(int layers) {
        LayerWalk walk = new LayerWalk(graph, sites);
        return (name, site) -> LayerName.of(site.node(), name).or(() -> walk.layerOf(name)).filter(l -> layers == 0 || l.layer() < layers);
    }

    /** The weights of a part in graph order; {@code otherwise} says why matrices of no block are left alone. */
    List<WeightMatrix> weights(Component.Kind part, Blocks blocks, String otherwise) {
        List<WeightMatrix> found = new ArrayList<>();
        sites.forEach((name, at) -> {
            TensorProto tensor = at.get(0).tensor();
            Optional<ValueType> type = ValueType.of(tensor.getDataType());
            if (tensor.getDimsCount() != 2 || type.isEmpty()) {
                return;
            }
            Optional<LayerName> layer = blocks.of(name, at.get(0));
            if (layer.isEmpty()) {
                reasons.put(name, otherwise);
            } else if (uses.getOrDefault(name, 0) != at.size()) {
                reasons.put(name, "is shared with another operator");
            } else if (at.stream().anyMatch(s -> s.outputLast() != at.get(0).outputLast())) {
                reasons.put(name, "is used both ways round");
            } else if (tensor.getDims(0) == 0 || tensor.getDims(1) == 0 || largestBytes(tensor) > Integer.MAX_VALUE) {
                reasons.put(name, "is empty or has more than 2 GiB");
            } else {
                String role = layer.get().role().isEmpty() ? "matmul" : layer.get().role();
                found.add(new WeightMatrix(file + "#" + name, name, file, layer.get().layer(), role, (int) tensor.getDims(0),
                        (int) tensor.getDims(1), at.get(0).outputLast(), type.get(), part));
            }
        });
        return found;
    }

    /** Why initializers that look like weights are left alone, by name; known once {@link #weights} was called. */
    Map<String, String> reasons() {
        return reasons;
    }

    /** Name of the activations each initializer multiplies, where that is one name of the outermost graph. */
    Map<String, String> inputNames() {
        Map<String, String> names = new HashMap<>();
        sites.forEach((name, at) -> {
            if (at.size() == 1 && at.get(0).outermost()) {
                names.put(name, at.get(0).data());
            }
        });
        return names;
    }

    private static long largestBytes(TensorProto tensor) {
        return tensor.getDims(0) * tensor.getDims(1) * 4;
    }

    private void visit(GraphView scope, NodeProto node) {
        boolean passes = passes(node);
        for (int i = 0; i < node.getInputCount(); i++) {
            int slot = i;
            origin(scope, node.getInput(i)).ifPresent(origin -> {
                if (passes) {
                    return; // its own readers count
                }
                uses.merge(origin.tensor().getName(), 1, Integer::sum);
                if (slot == 1 && multiplies(node)) {
                    boolean outputLast = origin.transposed() == (node.getOpType().equals("Gemm") && Attributes.integer(node, "transB", 0) == 1);
                    sites.computeIfAbsent(origin.tensor().getName(), k -> new ArrayList<>()).add(new Site(origin.tensor(), node, outputLast, scope == graph));
                } else if (node.getOpType().startsWith("Gather")) {
                    reasons.put(origin.tensor().getName(), "embedding table");
                } else if (node.getOpType().equals("GroupQueryAttention") && (slot == 7 || slot == 8)) {
                    reasons.put(origin.tensor().getName(), "table of the rotary embedding");
                } else if (QUANTIZED.matcher(node.getOpType()).find()) {
                    reasons.put(origin.tensor().getName(), QUANTIZED_ALREADY);
                }
            });
        }
    }

    private static boolean multiplies(NodeProto node) {
        return node.getOpType().equals("MatMul") || node.getOpType().equals("Gemm") && Attributes.integer(node, "transA", 0) == 0;
    }

    private static boolean passes(NodeProto node) {
        return node.getOpType().equals("Identity")
                || node.getOpType().equals("Transpose") && Attributes.integers(node, "perm").equals(List.of(1L, 0L));
    }

    /** The initializer behind a name, through any number of Identity and Transpose nodes. */
    private static Optional<Origin> origin(GraphView scope, String name) {
        boolean transposed = false;
        String current = name;
        while (true) {
            Optional<TensorProto> tensor = scope.initializer(current);
            if (tensor.isPresent()) {
                return Optional.of(new Origin(tensor.get(), transposed));
            }
            Optional<NodeProto> producer = scope.producer(current).filter(WeightFinder::passes);
            if (producer.isEmpty()) {
                return Optional.empty();
            }
            transposed ^= producer.get().getOpType().equals("Transpose");
            current = producer.get().getInput(0);
        }
    }

    private record Origin(TensorProto tensor, boolean transposed) {}

    /** A node that multiplies by the tensor; outputLast as in {@link WeightMatrix}. */
    record Site(TensorProto tensor, NodeProto node, boolean outputLast, boolean outermost) {
        String data() {
            return node.getInput(0);
        }
    }
}
