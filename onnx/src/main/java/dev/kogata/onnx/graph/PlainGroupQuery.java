package dev.kogata.onnx.graph;

import dev.kogata.onnx.format.Onnx.TensorProto.DataType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Writes {@link GroupQueryAttentionNode} out in ordinary operators: split of packed projections, rotary embedding by the
 * graph's own cosines and sines, the cache, grouped heads, mask and softmax. The same to float noise, in float32 whatever the
 * model's type, as ONNX Runtime computes it on a CPU. One use of each editor.
 */
final class PlainGroupQuery {
    private final GraphEditor editor;
    private final Map<List<String>, TokenPlaces> places = new HashMap<>();

    PlainGroupQuery(GraphEditor editor) {
        this.editor = editor;
    }

    /** What of a node cannot be written out, if there is anything. */
    static Optional<String> obstacle(GraphView graph, GroupQueryAttentionNode node) {
        if (node.quantized()) {
            return Optional.of("it is quantized already");
        }
        if (node.sink().isPresent() || node.smoothSoftmax()) {
            return Optional.of("its attention has a sink, which is not written out");
        }
        Optional<String> unknown = node.unknownAttribute();
        if (unknown.isPresent()) {
            return Optional.of("its attention has the attribute %s, which is not written out".formatted(unknown.get().replaceAll("\\W", "?")));
        }
        if (node.scores().isPresent()) {
            return Optional.of("its attention gives out its scores, too");
        }
        boolean complete = node.pastKey().isPresent() && node.pastValue().isPresent() && node.presentKey().isPresent() && node.presentValue().isPresent()
                && node.kvHeads() > 0 && node.heads() % node.kvHeads() == 0 && node.packed() == node.value().isEmpty()
                && (!node.rotary() || Rotation.width(graph, node) > 0 && node.sines().isPresent());
        return complete ? Optional.empty() : Optional.of("its attention is not complete");
    }

    /** @param type type of the cache, and so of query, key and value */
    void rewrite(GroupQueryAttentionNode node, int headSize, DataType type) {
        Operators ops = new Operators(editor, "kogata.attention." + node.presentKey().orElseThrow());
        TokenPlaces tokens = places.computeIfAbsent(List.of(node.lengths(), node.totalLength()), k -> new TokenPlaces(editor, node));
        int heads = node.heads(), kvHeads = node.kvHeads();
        String query = node.query(), key = node.key().orElse(""), value = node.value().orElse("");
        if (node.packed()) {
            List<String> parts = ops.split(query, -1, (long) heads * headSize, (long) kvHeads * headSize, (long) kvHeads * headSize);
            query = parts.get(0);
            key = parts.get(1);
            value = parts.get(2);
        }
        query = headsFirst(ops, query, heads, headSize);
        key = headsFirst(ops, key, kvHeads, headSize);
        value = headsFirst(ops, value, kvHeads, headSize);
        query = type == DataType.FLOAT ? query : ops.cast(query, DataType.FLOAT);
        if (node.rotary()) {
            Rotation rotation = new Rotation(editor, ops, node, tokens, type);
            query = rotation.of(query, headSize);
            key = type == DataType.FLOAT ? rotation.of(key, headSize) : ops.cast(rotation.of(ops.cast(key, DataType.FLOAT), headSize), type);
        }
        String places = tokens.sources(kvHeads);
        append(node.pastKey().orElseThrow(), key, places, node.presentKey().orElseThrow());
        append(node.pastValue().orElseThrow(), value, places, node.presentValue().orElseThrow());

        // The heads that share a key head follow each other: with their tokens they are one long dimension under it.
        String grouped = ops.reshape(query, 0, kvHeads, -1, headSize);
        String scores = ops.call("Mul", ops.call("MatMul", grouped, turned(ops, node.presentKey().orElseThrow(), type)), ops.number(node.scale(headSize)));
        scores = ops.call("Reshape", scores, ops.concat(0, List.of(editor.longs(0, heads), tokens.newTokens(), editor.longs(-1))));
        if (node.softcap() > 0) {
            scores = ops.call("Mul", ops.call("Tanh", ops.call("Div", scores, ops.number(node.softcap()))), ops.number(node.softcap()));
        }
        if (node.bias().isPresent()) {
            scores = ops.call("Add", scores, type == DataType.FLOAT ? node.bias().get() : ops.cast(node.bias().get(), DataType.FLOAT));
        }
        scores = ops.call("Add", scores, tokens.bias(node.window()));
        String shares = editor.node("Softmax", "kogata.attention.Softmax", List.of(scores), Attributes.of("axis", -1));
        shares = ops.call("Reshape", shares, ops.concat(0, List.of(editor.longs(0, kvHeads, -1), tokens.slots())));
        String values = node.presentValue().orElseThrow();
        String attended = ops.call("MatMul", shares, type == DataType.FLOAT ? values : ops.cast(values, DataType.FLOAT));
        String tokensFirst = ops.transpose(ops.reshape(attended, 0, heads, -1, headSize), 0L, 2L, 1L, 3L);
        String result = ops.reshape(tokensFirst, 0, 0, (long) heads * headSize);
        editor.remove(node.node());
        editor.add("Cast", List.of(result), List.of(node.output()), Attributes.of("to", type.getNumber()));
    }

    private void append(String past, String computed, String places, String present) {
        String all = editor.node("Concat", present + ".all", List.of(past, computed), Attributes.of("axis", 2));
        editor.add("GatherND", List.of(all, places), List.of(present), Attributes.of("batch_dims", 2));
    }

    /** From [batch, tokens, heads * size] to [batch, heads, tokens, size]. */
    private static String headsFirst(Operators ops, String x, int heads, int headSize) {
        return ops.transpose(ops.reshape(x, 0, 0, heads, headSize), 0L, 2L, 1L, 3L);
    }

    private static String turned(Operators ops, String keys, DataType type) {
        return ops.transpose(type == DataType.FLOAT ? keys : ops.cast(keys, DataType.FLOAT), 0L, 1L, 3L, 2L);
    }
}
