package dev.kogata.onnx.bundle;

import dev.kogata.onnx.format.Onnx.GraphProto;
import dev.kogata.onnx.format.Onnx.NodeProto;
import dev.kogata.onnx.format.Onnx.TensorProto;
import dev.kogata.onnx.graph.Attributes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Refuses nodes whose constants alone say that they make more than any machine holds, or that crash ONNX Runtime: a few
 * bytes of file that cost a worker its process. What is computed from inputs cannot be told here; there the worker's own
 * limits hold.
 */
final class ShapeCheck {
    /** Elements of one value; a 100 000-token vocabulary times a 20 000-token context is a quarter of it. */
    private static final long MOST_ELEMENTS = 1L << 33;
    private static final int LONGEST_SHAPE = 64;

    private final ModelFile file;
    private final Map<String, TensorProto> constants = new HashMap<>();

    ShapeCheck(ModelFile file, GraphProto graph) {
        this.file = file;
        graph.getInitializerList().forEach(tensor -> constants.put(tensor.getName(), tensor));
        graph.getNodeList().stream().filter(node -> node.getOpType().equals("Constant") && node.getOutputCount() == 1)
                .forEach(node -> Attributes.find(node, "value").ifPresent(value -> constants.put(node.getOutput(0), value.getT())));
    }

    void check(NodeProto node) {
        switch (node.getOpType()) {
            case "ConstantOfShape" -> elements(node, constant(node, 0));
            case "Expand", "Tile" -> elements(node, constant(node, 1));
            case "Resize" -> elements(node, constant(node, 3));
            case "Range" -> range(node);
            case "Conv", "ConvTranspose" -> kernel(node);
            default -> {
            }
        }
    }

    private void elements(NodeProto node, long[] shape) {
        double elements = 1;
        for (long dimension : shape) {
            elements *= Math.max(1, Math.abs((double) dimension));
        }
        limit(node, elements);
    }

    private void range(NodeProto node) {
        long[] start = constant(node, 0);
        long[] end = constant(node, 1);
        long[] step = constant(node, 2);
        if (start.length == 1 && end.length == 1 && step.length == 1 && step[0] != 0) {
            limit(node, ((double) end[0] - start[0]) / step[0]);
        }
    }

    /** ONNX Runtime trusts the attribute and reads past the weight's shape where they differ. */
    private void kernel(NodeProto node) {
        List<Long> kernel = Attributes.integers(node, "kernel_shape");
        TensorProto weight = node.getInputCount() > 1 ? constants.get(node.getInput(1)) : null;
        if (weight == null) {
            return;
        }
        if (weight.getDimsCount() < 3 || !kernel.isEmpty() && !kernel.equals(weight.getDimsList().subList(2, weight.getDimsCount()))) {
            throw Refusals.broken(file.name(), "node %s has the kernel shape %s, which its weight %s of the dimensions %s does not have"
                    .formatted(Refusals.shown(node.getName()), kernel, Refusals.shown(weight.getName()), weight.getDimsList()));
        }
    }

    private void limit(NodeProto node, double elements) {
        if (elements > MOST_ELEMENTS) {
            throw Refusals.tooLarge(file.name(), "elements", elements >= Long.MAX_VALUE ? Long.MAX_VALUE : (long) elements, MOST_ELEMENTS);
        }
    }

    /** The integers of a constant input; none where it is computed, or no small list of integers inside the file. */
    private long[] constant(NodeProto node, int input) {
        TensorProto tensor = node.getInputCount() > input ? constants.get(node.getInput(input)) : null;
        if (tensor == null || tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL || tensor.getDataType() != TensorProto.DataType.INT64.getNumber()) {
            return new long[0];
        }
        if (!tensor.hasRawData()) {
            return tensor.getInt64DataList().stream().limit(LONGEST_SHAPE).mapToLong(Long::longValue).toArray();
        }
        ByteBuffer raw = tensor.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        long[] values = new long[Math.min(LONGEST_SHAPE, raw.remaining() / Long.BYTES)];
        raw.asLongBuffer().get(values);
        return values;
    }
}
