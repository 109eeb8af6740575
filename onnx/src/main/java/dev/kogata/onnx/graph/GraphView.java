package dev.kogata.onnx.graph;

import dev.kogata.onnx.format.Onnx.AttributeProto;
import dev.kogata.onnx.format.Onnx.GraphProto;
import dev.kogata.onnx.format.Onnx.NodeProto;
import dev.kogata.onnx.format.Onnx.TensorProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * Who writes and who reads which name in a graph, subgraphs and the names they use from around them included. Immutable
 * and safe for use by several threads.
 */
public final class GraphView {
    private final GraphProto graph;
    private final GraphView outer;
    private final Map<String, NodeProto> producers = new HashMap<>();
    private final Map<String, List<NodeProto>> consumers = new HashMap<>();
    private final Map<String, TensorProto> initializers = new HashMap<>();
    private final List<GraphView> subgraphs = new ArrayList<>();

    /** Views an outermost graph. */
    public GraphView(GraphProto graph) {
        this(graph, null);
    }

    private GraphView(GraphProto graph, GraphView outer) {
        this.graph = graph;
        this.outer = outer;
        graph.getInitializerList().forEach(t -> initializers.put(t.getName(), t));
        for (NodeProto node : graph.getNodeList()) {
            node.getOutputList().forEach(o -> producers.put(o, node));
            node.getInputList().forEach(i -> consumers.computeIfAbsent(i, k -> new ArrayList<>()).add(node));
            for (AttributeProto attribute : node.getAttributeList()) {
                if (attribute.hasG()) {
                    subgraphs.add(new GraphView(attribute.getG(), this));
                }
                attribute.getGraphsList().forEach(g -> subgraphs.add(new GraphView(g, this)));
            }
        }
    }

    /** The graph itself. */
    public GraphProto graph() {
        return graph;
    }

    /** Graphs directly inside this one. */
    public List<GraphView> subgraphs() {
        return List.copyOf(subgraphs);
    }

    /** The node that writes the name, here or around this graph. */
    public Optional<NodeProto> producer(String name) {
        return Optional.ofNullable(producers.get(name)).or(() -> outer == null || defines(name) ? Optional.empty() : outer.producer(name));
    }

    /** The initializer of that name, here or around this graph. */
    public Optional<TensorProto> initializer(String name) {
        return Optional.ofNullable(initializers.get(name)).or(() -> outer == null || defines(name) ? Optional.empty() : outer.initializer(name));
    }

    /** The nodes of this graph, not of its subgraphs, that read the name; once for each time they do. */
    public List<NodeProto> consumers(String name) {
        return consumers.getOrDefault(name, List.of());
    }

    /** Calls for every node of this graph and its subgraphs, in order, with the graph it stands in. */
    public void forEachNode(BiConsumer<GraphView, NodeProto> action) {
        graph.getNodeList().forEach(n -> action.accept(this, n));
        subgraphs.forEach(s -> s.forEachNode(action));
    }

    private boolean defines(String name) {
        return producers.containsKey(name) || initializers.containsKey(name)
                || graph.getInputList().stream().anyMatch(i -> i.getName().equals(name));
    }
}
