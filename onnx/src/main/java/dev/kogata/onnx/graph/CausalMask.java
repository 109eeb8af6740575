package dev.kogata.onnx.graph;

import dev.kogata.onnx.format.Onnx.NodeProto;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Whether a mask that is added to attention scores forbids at least what comes later. {@code GroupQueryAttention} always does,
 * so that it can stand in for such attention only.
 */
final class CausalMask {
    private static final Set<String> COMPARISONS = Set.of("LessOrEqual", "Less", "GreaterOrEqual", "Greater", "Trilu");
    /** What the values of a mask may depend on; of all other inputs only shapes. */
    private static final Set<String> INPUTS = Set.of("attention_mask", "position_ids", "cache_position");
    private static final int MOST_NODES = 2_000;

    private CausalMask() {}

    /** Why it may not be causal; empty where it is. */
    static Optional<String> obstacle(GraphView graph, String mask) {
        Set<String> seen = new HashSet<>(Set.of(mask));
        Deque<String> open = new ArrayDeque<>(seen);
        boolean ordered = false;
        while (!open.isEmpty()) {
            String name = open.remove();
            Optional<NodeProto> producer = graph.producer(name);
            if (producer.isEmpty()) {
                if (graph.initializer(name).isEmpty() && !INPUTS.contains(name)) {
                    return Optional.of("its mask depends on the input " + name);
                }
                continue;
            }
            NodeProto node = producer.get();
            boolean negatedAnd = node.getOpType().equals("Not") && graph.producer(node.getInput(0)).filter(n -> n.getOpType().equals("And")).isPresent();
            if (negatedAnd || node.getOpType().equals("Or") || node.getOpType().equals("BitwiseOr")) {
                return Optional.of("its mask may allow more than what came before");
            }
            if (!node.getOpType().equals("Shape")) {
                node.getInputList().stream().filter(i -> !i.isEmpty() && seen.add(i)).forEach(open::add);
            }
            ordered |= node.getOpType().equals("Trilu") || COMPARISONS.contains(node.getOpType()) && comparesPositions(graph, node);
            if (seen.size() > MOST_NODES) {
                return Optional.of("its mask takes more than %d values to make".formatted(MOST_NODES));
            }
        }
        return ordered ? Optional.empty() : Optional.of("its mask does not compare positions");
    }

    /** Both sides are made of ranges or positions, not of a mask and a constant. */
    private static boolean comparesPositions(GraphView graph, NodeProto node) {
        return node.getInputCount() == 2 && isPosition(graph, node.getInput(0)) && isPosition(graph, node.getInput(1));
    }

    private static boolean isPosition(GraphView graph, String name) {
        Set<String> seen = new HashSet<>(Set.of(name));
        Deque<String> open = new ArrayDeque<>(seen);
        while (!open.isEmpty() && seen.size() < MOST_NODES) {
            String next = open.remove();
            Optional<NodeProto> producer = graph.producer(next);
            if (next.equals("position_ids") || next.equals("cache_position") || producer.filter(n -> n.getOpType().equals("Range")).isPresent()) {
                return true;
            }
            producer.filter(n -> !n.getOpType().equals("Shape")).ifPresent(n -> n.getInputList().stream().filter(i -> !i.isEmpty() && seen.add(i)).forEach(open::add));
        }
        return false;
    }
}
