package dev.kogata.onnx.graph;

import dev.kogata.onnx.format.Onnx.NodeProto;
import java.util.Optional;
import java.util.Set;

/**
 * The multiplication by the output head: its input is all that a position's logits depend on, so positions can be chosen
 * before it.
 *
 * @param node the MatMul
 * @param hidden name of what it multiplies, {@code [batch, sequence, hidden]}
 */
public record AnswerHead(NodeProto node, String hidden) {
    /** What may stand between the head and the logits: every position for itself, whatever the number of dimensions. */
    private static final Set<String> ELEMENTWISE = Set.of("Cast", "Mul", "Div", "Add", "Tanh", "Identity");

    /** Finds it by walking back from the logits. */
    public static Optional<AnswerHead> find(GraphView graph, String logits) {
        String name = logits;
        while (true) {
            Optional<NodeProto> producer = graph.producer(name);
            if (producer.isEmpty() || graph.consumers(name).size() > 1) {
                return Optional.empty();
            }
            NodeProto node = producer.get();
            if (node.getOpType().equals("MatMul")) {
                return Optional.of(new AnswerHead(node, node.getInput(0)));
            }
            if (!ELEMENTWISE.contains(node.getOpType())) {
                return Optional.empty();
            }
            boolean firstIsConstant = graph.initializer(node.getInput(0)).isPresent();
            name = firstIsConstant ? node.getInput(1) : node.getInput(0);
        }
    }
}
