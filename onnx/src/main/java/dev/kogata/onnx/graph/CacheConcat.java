package dev.kogata.onnx.graph;

import dev.kogata.onnx.format.Onnx.NodeProto;
import java.util.Optional;

/**
 * The node that appends what was just computed to a cache: {@code present = Concat(past, computed)} on the token axis.
 *
 * @param node the Concat
 * @param computed name of what is appended, {@code [batch, heads, new, head size]}
 */
public record CacheConcat(NodeProto node, String computed) {

    /** Finds it, where the cache is written in this plain way and read by nothing else but Shape. */
    public static Optional<CacheConcat> find(GraphView graph, String past, String present) {
        return graph.producer(present)
                .filter(n -> n.getOpType().equals("Concat") && n.getDomain().isEmpty() && n.getInputCount() == 2 && n.getInput(0).equals(past))
                .filter(n -> Attributes.integer(n, "axis", 0) == -2 || Attributes.integer(n, "axis", 0) == 2)
                .filter(n -> graph.consumers(past).stream().allMatch(c -> c == n || c.getOpType().equals("Shape")))
                .filter(n -> graph.subgraphs().stream().noneMatch(s -> reads(s, past) || reads(s, present)))
                .map(n -> new CacheConcat(n, n.getInput(1)));
    }

    private static boolean reads(GraphView graph, String name) {
        return !graph.consumers(name).isEmpty() || graph.subgraphs().stream().anyMatch(s -> reads(s, name));
    }
}
