package dev.kogata.onnx.graph;

import dev.kogata.onnx.format.Onnx.AttributeProto;
import dev.kogata.onnx.format.Onnx.NodeProto;
import dev.kogata.onnx.format.Onnx.TensorProto.DataType;
import dev.kogata.onnx.format.Onnx.ValueInfoProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Takes the cache out of an {@link AttentionNode}: past and new are concatenated before it, and it attends over both. The
 * operator itself stays. One use of each editor.
 */
final class DetachedCache {
    private static final Set<String> COMPARISONS = Set.of("Less", "LessOrEqual", "Greater", "GreaterOrEqual", "Equal", "And", "Or", "Not", "Xor");

    private final GraphEditor editor;

    DetachedCache(GraphEditor editor) {
        this.editor = editor;
    }

    /** What of a node cannot be rewritten, if there is anything. */
    static Optional<String> obstacle(GraphView graph, AttentionNode node) {
        boolean complete = node.pastKey().isPresent() && node.pastValue().isPresent() && node.presentKey().isPresent() && node.presentValue().isPresent();
        if (!complete || node.heads() > 0 != node.kvHeads() > 0) {
            return Optional.of("its attention is not complete");
        }
        if (node.lengths().isPresent()) {
            return Optional.of("its attention takes the sequences' lengths");
        }
        if (node.causal() && node.mask().isPresent() && maskType(graph, node.mask().get()).isEmpty()) {
            return Optional.of("its attention is causal and has a mask of unknown type");
        }
        return Optional.empty();
    }

    void rewrite(AttentionNode node) {
        Operators ops = new Operators(editor, "kogata.attention." + node.presentKey().orElseThrow());
        boolean headsLast = node.heads() > 0;
        String past = node.pastKey().orElseThrow(), present = node.presentKey().orElseThrow();
        editor.add("Concat", List.of(past, headsLast ? headsFirst(ops, node.key(), node.kvHeads()) : node.key()), List.of(present), Attributes.of("axis", 2));
        editor.add("Concat", List.of(node.pastValue().orElseThrow(), headsLast ? headsFirst(ops, node.value(), node.kvHeads()) : node.value()),
                List.of(node.presentValue().orElseThrow()), Attributes.of("axis", 2));
        List<String> reads = new ArrayList<>(List.of(headsLast ? headsFirst(ops, node.query(), node.heads()) : node.query(), present, node.presentValue().orElseThrow()));
        mask(ops, node).ifPresent(reads::add);
        NodeProto.Builder bare = node.node().toBuilder().clearInput().addAllInput(reads).clearOutput().clearAttribute();
        for (AttributeProto attribute : node.node().getAttributeList()) {
            if (!Set.of("is_causal", "q_num_heads", "kv_num_heads").contains(attribute.getName())) {
                bare.addAttribute(attribute);
            }
        }
        String attended = headsLast ? editor.fresh(node.output() + ".heads") : node.output();
        node.scores().ifPresentOrElse(s -> bare.addAllOutput(List.of(attended, "", "", s)), () -> bare.addOutput(attended));
        editor.remove(node.node());
        editor.add(bare.build());
        if (headsLast) {
            editor.add("Reshape", List.of(ops.transpose(attended, 0L, 2L, 1L, 3L), editor.longs(0, 0, -1)), List.of(node.output()));
        }
    }

    /** With the cache inside the node, causal means: nothing later than the own place after the past. */
    private Optional<String> mask(Operators ops, AttentionNode node) {
        if (!node.causal()) {
            return node.mask();
        }
        String pastTokens = ops.dimension(node.pastKey().orElseThrow(), 2);
        String newTokens = ops.dimension(node.query(), node.heads() > 0 ? 1 : 2);
        String own = ops.unsqueeze(ops.call("Add", ops.range(newTokens), pastTokens), 1);
        String seen = ops.call("LessOrEqual", ops.range(ops.call("Add", pastTokens, newTokens)), own);
        if (node.mask().isEmpty()) {
            return Optional.of(seen);
        }
        DataType type = maskType(editor.original(), node.mask().get()).orElseThrow();
        if (type == DataType.BOOL) {
            return Optional.of(ops.call("And", node.mask().get(), seen));
        }
        String lowest = ops.cast(ops.number(type == DataType.FLOAT16 ? -65504 : -Float.MAX_VALUE), type);
        return Optional.of(ops.call("Where", seen, node.mask().get(), lowest));
    }

    private static Optional<DataType> maskType(GraphView graph, String mask) {
        for (List<ValueInfoProto> infos : List.of(graph.graph().getValueInfoList(), graph.graph().getInputList())) {
            Optional<ValueInfoProto> known = infos.stream().filter(i -> i.getName().equals(mask)).findFirst();
            if (known.isPresent()) {
                return Optional.of(DataType.forNumber(known.get().getType().getTensorType().getElemType()));
            }
        }
        Optional<NodeProto> producer = graph.producer(mask);
        if (producer.isPresent() && COMPARISONS.contains(producer.get().getOpType())) {
            return Optional.of(DataType.BOOL);
        }
        return producer.filter(n -> n.getOpType().equals("Cast")).map(n -> DataType.forNumber((int) Attributes.integer(n, "to", 0)))
                .or(() -> producer.filter(n -> n.getOpType().equals("Where")).flatMap(n -> graph.initializer(n.getInput(2)))
                        .map(t -> DataType.forNumber(t.getDataType())));
    }

    private String headsFirst(Operators ops, String x, int heads) {
        return ops.transpose(ops.reshape(x, 0, 0, heads, -1), 0L, 2L, 1L, 3L);
    }
}
