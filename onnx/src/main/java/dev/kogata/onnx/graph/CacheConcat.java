package dev.kogata.onnx.graph;

import dev.kogata.onnx.format.Onnx.NodeProto;
import java.util.List;
import java.util.Optional;

/**
 * The nodes that append what was just computed to a cache: {@code present = Concat(past, computed)} on the token axis, or
 * {@code present = GatherND(Concat(past, computed), slots)} where every sequence has its own place for new tokens.
 *
 * @param node the Concat
 * @param computed name of what is appended, {@code [batch, heads, new, head size]}
 * @param placing the GatherND, where there is one
 */
public record CacheConcat(NodeProto node, String computed, Optional<NodeProto> placing) {

    /** Finds it, where the cache is written in this plain way and read by nothing else but Shape. */
    public static Optional<CacheConcat> find(GraphView graph, String past, String present) {
        Optional<NodeProto> placing = graph.producer(present)
                .filter(n -> n.getOpType().equals("GatherND") && n.getDomain().isEmpty() && Attributes.integer(n, "batch_dims", 0) == 2)
                .filter(n -> graph.consumers(n.getInput(0)).size() == 1);
        return graph.producer(placing.map(n -> n.getInput(0)).orElse(present))
                .filter(n -> n.getOpType().equals("Concat") && n.getDomain().isEmpty() && n.getInputCount() == 2 && n.getInput(0).equals(past))
                .filter(n -> Attributes.integer(n, "axis", 0) == -2 || Attributes.integer(n, "axis", 0) == 2)
                .filter(n -> graph.consumers(past).stream().allMatch(c -> c == n || c.getOpType().equals("Shape")))
                .filter(n -> graph.subgraphs().stream().noneMatch(s -> reads(s, past) || reads(s, present)))
                .map(n -> new CacheConcat(n, n.getInput(1), placing));
    }

    /** Writes the same for other tensors of the cache: {@code present} from {@code past} and what is appended. */
    void append(GraphEditor editor, String past, String appended, String present) {
        if (placing.isEmpty()) {
            editor.add("Concat", List.of(past, appended), List.of(present), Attributes.of("axis", 2));
            return;
        }
        String all = editor.node("Concat", present + ".all", List.of(past, appended), Attributes.of("axis", 2));
        editor.add("GatherND", List.of(all, placing.get().getInput(1)), List.of(present), Attributes.of("batch_dims", 2));
    }

    /** Takes the nodes out. */
    void remove(GraphEditor editor) {
        editor.remove(node);
        placing.ifPresent(editor::remove);
    }

    private static boolean reads(GraphView graph, String name) {
        return !graph.consumers(name).isEmpty() || graph.subgraphs().stream().anyMatch(s -> reads(s, name));
    }
}
