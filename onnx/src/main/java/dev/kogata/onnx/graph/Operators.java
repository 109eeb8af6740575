package dev.kogata.onnx.graph;

import static dev.kogata.onnx.graph.Attributes.of;

import dev.kogata.onnx.format.Onnx.TensorProto.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Standard ONNX operators as calls, each in the form that the model's own opset has. Arguments and results are names.
 * Opsets before 13 are not written: see {@link #OLDEST_OPSET}. Not thread-safe.
 */
public final class Operators {
    /** From here on Split, Unsqueeze and ReduceSum take their sizes and axes as inputs, and Where and Cast know every type. */
    public static final int OLDEST_OPSET = 13;

    private final GraphEditor editor;
    private final String hint;

    /** Adds nodes to the editor's graph; their results are named after the hint. */
    public Operators(GraphEditor editor, String hint) {
        if (editor.opset() < OLDEST_OPSET) {
            throw new IllegalArgumentException("opset %d, at least %d is needed".formatted(editor.opset(), OLDEST_OPSET));
        }
        this.editor = editor;
        this.hint = hint;
    }

    /** Any operator of one result that takes nothing but inputs. */
    public String call(String operator, String... inputs) {
        return editor.node(operator, hint + "." + operator, List.of(inputs));
    }

    /** A float32 number. */
    public String number(float value) {
        return editor.floats(List.of(), value);
    }

    public String cast(String x, DataType type) {
        return editor.node("Cast", hint + ".Cast", List.of(x), of("to", type.getNumber()));
    }

    public String reshape(String x, long... shape) {
        return call("Reshape", x, editor.longs(shape));
    }

    public String unsqueeze(String x, long... axes) {
        return call("Unsqueeze", x, editor.longs(axes));
    }

    /** Dimensions in another order. */
    public String transpose(String x, Long... order) {
        return editor.node("Transpose", hint + ".Transpose", List.of(x), of("perm", List.of(order)));
    }

    /** One dimension of a tensor, int64 (1). */
    public String dimension(String x, long dimension) {
        return call("Slice", call("Shape", x), editor.longs(dimension), editor.longs(dimension + 1));
    }

    /** Whole numbers, int64 (1). */
    public String whole(long value) {
        return editor.longs(value);
    }

    /** 0, 1, 2, ... int64 (count), from a count of one element. */
    public String range(String count) {
        return call("Range", call("Squeeze", editor.longs(0)), call("Squeeze", count), call("Squeeze", editor.longs(1)));
    }

    public String gather(String x, String indices, long axis) {
        return editor.node("Gather", hint + ".Gather", List.of(x, indices), of("axis", axis));
    }

    public String concat(long axis, List<String> parts) {
        return parts.size() == 1 ? parts.get(0) : editor.node("Concat", hint + ".Concat", parts, of("axis", axis));
    }

    /** Parts of the given sizes along an axis. */
    public List<String> split(String x, long axis, long... sizes) {
        if (sizes.length == 1) {
            return List.of(x);
        }
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < sizes.length; i++) {
            parts.add(editor.fresh(hint + ".Split"));
        }
        editor.add("Split", List.of(x, editor.longs(sizes)), parts, of("axis", axis));
        return parts;
    }

    /** {@code count} parts of equal size along an axis. */
    public List<String> slices(String x, long axis, int count, long size) {
        return split(x, axis, IntStream.range(0, count).mapToLong(i -> size).toArray());
    }

    /** ReduceMin, ReduceMax or ReduceSumSquare; axes became an input with opset 18. */
    public String reduce(String operator, String x, boolean keepDimensions, long... axes) {
        if (editor.opset() >= 18) {
            return editor.node(operator, hint + "." + operator, List.of(x, editor.longs(axes)), of("keepdims", keepDimensions ? 1 : 0));
        }
        return editor.node(operator, hint + "." + operator, List.of(x),
                of("axes", IntStream.range(0, axes.length).mapToObj(i -> axes[i]).toList()), of("keepdims", keepDimensions ? 1 : 0));
    }

    /** Shifts unsigned bytes; bits that leave the byte are lost. */
    public String shift(String x, boolean left, int bits) {
        return bits == 0 ? x : editor.node("BitShift", hint + ".BitShift", List.of(x, editor.unsignedByte(bits)), of("direction", left ? "LEFT" : "RIGHT"));
    }
}
