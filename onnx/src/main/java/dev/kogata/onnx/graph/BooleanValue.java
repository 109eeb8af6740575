package dev.kogata.onnx.graph;

import dev.kogata.onnx.format.Onnx.NodeProto;
import dev.kogata.onnx.format.Onnx.TensorProto.DataType;
import java.util.Optional;
import java.util.Set;

/** Whether a value is of true and false, as far as the node that makes it tells. */
final class BooleanValue {
    private static final Set<String> LOGIC = Set.of("And", "Or", "Xor", "Not", "Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual", "IsNaN", "IsInf");
    private static final Set<String> MOVES = Set.of("Unsqueeze", "Squeeze", "Expand", "Reshape", "Transpose", "Slice", "Identity", "Tile", "Gather", "Concat");
    private static final int MOST_STEPS = 100;

    private BooleanValue() {}

    static boolean is(GraphView graph, String value) {
        String name = value;
        for (int step = 0; step < MOST_STEPS; step++) {
            Optional<NodeProto> producer = graph.producer(name);
            if (producer.isEmpty()) {
                return false;
            }
            NodeProto node = producer.get();
            if (node.getOpType().equals("Cast")) {
                return Attributes.integer(node, "to", 0) == DataType.BOOL_VALUE;
            }
            if (!MOVES.contains(node.getOpType())) {
                return LOGIC.contains(node.getOpType());
            }
            name = node.getInput(0);
        }
        return false;
    }
}
