package dev.kogata.onnx.graph;

import dev.kogata.onnx.format.Onnx.NodeProto;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A graph for whole sequences that gives out caches and reads none, as one branch of a {@link MergedDecoder} does: what it gives
 * out is all new. Brought into the form of {@code Concat(past, computed)}, which with an empty past is the same. One use of each editor.
 */
final class IgnoredPast {
    private final GraphEditor editor;
    private final Map<NodeProto, NodeProto> changed = new HashMap<>();

    IgnoredPast(GraphEditor editor) {
        this.editor = editor;
    }

    /** Whether this side is written in such a way, and what is written is also what attention reads. */
    static boolean is(GraphView graph, String past, String present) {
        boolean unread = graph.consumers(past).stream().allMatch(n -> n.getOpType().equals("Shape"));
        String source = source(graph, present);
        Optional<NodeProto> writer = graph.producer(source);
        return unread && graph.subgraphs().isEmpty() && writer.isPresent() && GroupQueryAttentionNode.of(writer.get()).isEmpty() && AttentionNode.of(writer.get()).isEmpty()
                && graph.consumers(source).stream().anyMatch(n -> !n.getOpType().equals("Shape") && !n.getOpType().equals("Identity"));
    }

    void rewrite(String past, String present) {
        GraphView graph = editor.original();
        String source = source(graph, present);
        for (String name = present; !name.equals(source); ) {
            NodeProto copy = graph.producer(name).orElseThrow();
            editor.remove(copy);
            name = copy.getInput(0);
        }
        String computed = source;
        if (source.equals(present)) {
            computed = editor.fresh(present + ".computed");
            rename(graph.producer(present).orElseThrow(), present, computed);
        } else {
            editor.redirect(source, present);
        }
        editor.add("Concat", List.of(past, computed), List.of(present), Attributes.of("axis", 2));
    }

    /** Adds the changed writers; to be called once, at the end. */
    void finish() {
        changed.forEach((node, renamed) -> {
            editor.remove(node);
            editor.add(renamed);
        });
    }

    private void rename(NodeProto writer, String from, String to) {
        NodeProto.Builder builder = changed.getOrDefault(writer, writer).toBuilder();
        for (int i = 0; i < builder.getOutputCount(); i++) {
            if (builder.getOutput(i).equals(from)) {
                builder.setOutput(i, to);
            }
        }
        changed.put(writer, builder.build());
    }

    /** What the output is a copy of, where it is one that nothing else reads. */
    private static String source(GraphView graph, String present) {
        String name = present;
        for (Optional<NodeProto> copy = graph.producer(name); copy.isPresent() && copy.get().getOpType().equals("Identity")
                && graph.consumers(name).isEmpty(); copy = graph.producer(name)) {
            name = copy.get().getInput(0);
        }
        return name;
    }
}
