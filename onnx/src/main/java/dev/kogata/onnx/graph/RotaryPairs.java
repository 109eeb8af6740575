package dev.kogata.onnx.graph;

import dev.kogata.core.cache.KeyFactors;
import dev.kogata.onnx.format.Onnx.NodeProto;
import dev.kogata.onnx.format.Onnx.TensorProto;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Which channels of a head rotary embedding turns together, found by how the graph does it. */
public enum RotaryPairs {
    /** Channels i and i + half. */
    HALVES,
    /** Channels 2i and 2i + 1. */
    NEIGHBOURS,
    /** Keys are not turned, or only in part, or in a way that is not known. */
    NONE;

    private static final int MOST_NODES = 80;

    /** The channels that get one key factor. */
    public KeyFactors.Pairs forFactors() {
        return switch (this) {
            case HALVES -> KeyFactors.Pairs.HALVES;
            case NEIGHBOURS -> KeyFactors.Pairs.NEIGHBOURS;
            case NONE -> KeyFactors.Pairs.NONE;
        };
    }

    /**
     * The pairs of a layer's keys.
     *
     * @param graph the decoder as it came
     * @param plain the same with its cache in the form of {@link PlainCaches}
     */
    public static RotaryPairs of(GraphView graph, GraphView plain, PlainCaches.Layer layer) {
        Optional<GroupQueryAttentionNode> grouped = PlainCaches.groupQuery(graph, layer);
        if (grouped.isPresent()) {
            return grouped.get().rotary() ? ofNode(graph, grouped.get(), layer.headSize()) : ofGraph(graph, grouped.get().key().orElse(""), layer.headSize());
        }
        return CacheConcat.find(plain, layer.pastKey(), layer.presentKey()).map(c -> ofGraph(plain, c.computed(), layer.headSize())).orElse(NONE);
    }

    private static RotaryPairs ofNode(GraphView graph, GroupQueryAttentionNode node, int headSize) {
        List<Long> table = node.cosines().flatMap(graph::initializer).map(TensorProto::getDimsList).orElse(List.of());
        if (table.size() != 2 || 2 * table.get(1) != headSize) {
            return NONE;
        }
        return node.interleaved() ? NEIGHBOURS : HALVES;
    }

    private static RotaryPairs ofGraph(GraphView graph, String keys, int headSize) {
        Set<String> seen = new HashSet<>(Set.of(keys));
        Deque<String> open = new ArrayDeque<>(seen);
        boolean turned = false;
        for (int n = 0; n < MOST_NODES && !open.isEmpty(); n++) {
            Optional<NodeProto> producer = graph.producer(open.remove());
            if (producer.isEmpty()) {
                continue;
            }
            NodeProto node = producer.get();
            switch (node.getOpType()) {
                case "RotaryEmbedding" -> {
                    long width = Attributes.integer(node, "rotary_embedding_dim", 0);
                    return width != 0 && width != headSize ? NONE : Attributes.integer(node, "interleaved", 0) == 1 ? NEIGHBOURS : HALVES;
                }
                case "Neg" -> {
                    return ofNegated(graph, node.getInput(0));
                }
                case "Concat" -> {
                    long axis = Attributes.integer(node, "axis", 0);
                    if (!turned && (axis == -1 || axis == 3)) {
                        return NONE;    // turned channels beside others that are not
                    }
                }
                case "Add" -> turned = true;
                case "MatMul", "Gemm", "Shape" -> {
                    continue;
                }
                default -> {
                }
            }
            node.getInputList().stream().filter(i -> !i.isEmpty() && seen.add(i)).forEach(open::add);
        }
        return NONE;
    }

    /** Of a pair (a, b) turning takes b with the other sign: how b was taken from the head tells the pairs. */
    private static RotaryPairs ofNegated(GraphView graph, String negated) {
        return graph.producer(negated).map(taken -> switch (taken.getOpType()) {
            case "Slice" -> taken.getInputCount() > 4 && Constants.longs(graph, taken.getInput(4)).equals(List.of(2L)) ? NEIGHBOURS : HALVES;
            case "Split" -> HALVES;
            case "Squeeze", "Gather" -> NEIGHBOURS;
            default -> NONE;
        }).orElse(NONE);
    }
}
