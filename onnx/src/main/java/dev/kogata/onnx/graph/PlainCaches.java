package dev.kogata.onnx.graph;

import dev.kogata.onnx.format.Onnx.ModelProto;
import dev.kogata.onnx.format.Onnx.NodeProto;
import dev.kogata.onnx.format.Onnx.TensorProto.DataType;
import java.util.List;
import java.util.Optional;

/**
 * Brings caches of a decoder into the one form that {@link CacheConcat} finds and quantization is written for. Elastic and
 * delivered graphs both start from it, so that they do the same arithmetic.
 */
public final class PlainCaches {

    private PlainCaches() {}

    /** Names of both sides of one layer's cache, inputs and outputs of the graph, and the channels of a head. */
    public record Layer(String pastKey, String presentKey, String pastValue, String presentValue, int headSize) {}

    /** Why a layer's cache cannot be brought into the plain form; empty where it can. */
    public static Optional<String> obstacle(GraphView graph, Layer layer) {
        if (isPlain(graph, layer) || ignoresPast(graph, layer)) {
            return Optional.empty();
        }
        Optional<GroupQueryAttentionNode> grouped = groupQuery(graph, layer);
        if (grouped.isPresent()) {
            return PlainGroupQuery.obstacle(graph, grouped.get());
        }
        Optional<AttentionNode> attention = attention(graph, layer);
        if (attention.isPresent()) {
            return DetachedCache.obstacle(graph, attention.get());
        }
        String reader = List.of(layer.pastKey(), layer.pastValue()).stream().flatMap(p -> graph.consumers(p).stream()).map(NodeProto::getOpType)
                .filter(o -> !o.equals("Shape")).findFirst().orElse("no operator of the outermost graph");
        return Optional.of("it is read by %s in a way that is not known (looked for a Concat of past and new, GroupQueryAttention and Attention)".formatted(reader.replaceAll("\\W", "?")));
    }

    /** The model with these layers' caches in the plain form; they must be without {@link #obstacle}. */
    public static ModelProto of(ModelProto model, List<Layer> layers) {
        GraphEditor editor = new GraphEditor(model);
        GraphView graph = editor.original();
        PlainGroupQuery grouped = new PlainGroupQuery(editor);
        DetachedCache attention = new DetachedCache(editor);
        IgnoredPast ignored = new IgnoredPast(editor);
        boolean changed = false;
        for (Layer layer : layers) {
            if (ignoresPast(graph, layer)) {
                ignored.rewrite(layer.pastKey(), layer.presentKey());
                ignored.rewrite(layer.pastValue(), layer.presentValue());
                changed = true;
            } else if (!isPlain(graph, layer)) {
                DataType type = DataType.forNumber(ValueInfos.find(graph.graph().getInputList(), layer.pastKey()).getType().getTensorType().getElemType());
                groupQuery(graph, layer).ifPresentOrElse(n -> grouped.rewrite(n, layer.headSize(), type),
                        () -> attention.rewrite(attention(graph, layer).orElseThrow()));
                changed = true;
            }
        }
        ignored.finish();
        return changed ? editor.build() : model;
    }

    /** Whether a graph for whole sequences gives out what it computed alone. */
    public static boolean ignoresPast(GraphView graph, Layer layer) {
        return IgnoredPast.is(graph, layer.pastKey(), layer.presentKey()) && IgnoredPast.is(graph, layer.pastValue(), layer.presentValue());
    }

    /** Whether both sides are a Concat of past and new. */
    static boolean isPlain(GraphView graph, Layer layer) {
        return CacheConcat.find(graph, layer.pastKey(), layer.presentKey()).isPresent() && CacheConcat.find(graph, layer.pastValue(), layer.presentValue()).isPresent();
    }

    /** The node that keeps both sides, where it is GroupQueryAttention. */
    public static Optional<GroupQueryAttentionNode> groupQuery(GraphView graph, Layer layer) {
        return GroupQueryAttentionNode.reading(graph, layer.pastKey())
                .filter(n -> isOf(layer, n.pastKey(), n.presentKey(), n.pastValue(), n.presentValue()))
                .filter(n -> graph.subgraphs().isEmpty() && readBy(graph, layer, n.node()));
    }

    private static Optional<AttentionNode> attention(GraphView graph, Layer layer) {
        return AttentionNode.reading(graph, layer.pastKey())
                .filter(n -> isOf(layer, n.pastKey(), n.presentKey(), n.pastValue(), n.presentValue()))
                .filter(n -> graph.subgraphs().isEmpty() && readBy(graph, layer, n.node()));
    }

    private static boolean isOf(Layer layer, Optional<String> pastKey, Optional<String> presentKey, Optional<String> pastValue, Optional<String> presentValue) {
        return pastKey.equals(Optional.of(layer.pastKey())) && presentKey.equals(Optional.of(layer.presentKey()))
                && pastValue.equals(Optional.of(layer.pastValue())) && presentValue.equals(Optional.of(layer.presentValue()));
    }

    /** Whether nothing else but Shape reads what came before. */
    private static boolean readBy(GraphView graph, Layer layer, NodeProto node) {
        return List.of(layer.pastKey(), layer.pastValue()).stream().flatMap(p -> graph.consumers(p).stream()).allMatch(c -> c == node || c.getOpType().equals("Shape"));
    }
}
