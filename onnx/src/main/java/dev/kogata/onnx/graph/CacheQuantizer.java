package dev.kogata.onnx.graph;

import dev.kogata.onnx.format.Onnx.TensorProto.DataType;

/**
 * The portable cache's arithmetic as graph nodes, the same for the elastic and the delivered graph: asymmetric, per token,
 * head and group of channels, scale and minimum rounded to float16 before anything is quantized (after KIVI, arXiv
 * 2402.02750, groups along channels for keys too). Tensors are {@code [batch, heads, tokens, head size]} float32, or with more than one group
 * {@code [batch, heads, tokens, groups, group size]}.
 */
public final class CacheQuantizer {
    private static final float LARGEST_HALF = 65504;

    private final Operators ops;
    private final int headSize;
    private final int groupSize;

    /** @param groupSize divides headSize */
    public CacheQuantizer(Operators ops, int headSize, int groupSize) {
        this.ops = ops;
        this.headSize = headSize;
        this.groupSize = groupSize;
    }

    /** What a quantized tensor is made of: whole numbers from 0 to the largest, as float32, and per group scale and minimum, float16 each. */
    public record Quantized(String codes, String scale, String minimum) {}

    /** Quantizes {@code x}; {@code largest} names the largest code, 2^bits - 1. */
    public Quantized quantize(String x, String largest) {
        String grouped = grouped(x);
        String minimum = half(ops.reduce("ReduceMin", grouped, true, -1));
        String low = ops.cast(minimum, DataType.FLOAT);
        String shifted = ops.call("Sub", grouped, low);
        // ReduceMax(x) - low and ReduceMax(x - low) round alike: subtraction is monotone.
        String scale = half(ops.call("Div", ops.reduce("ReduceMax", shifted, true, -1), largest));
        String step = ops.cast(scale, DataType.FLOAT);
        String divisor = ops.call("Where", ops.call("Equal", step, ops.number(0)), ops.number(1), step);
        String codes = ops.call("Round", ops.call("Clip", ops.call("Div", shifted, divisor), ops.number(0), largest));
        return new Quantized(codes, scale, minimum);
    }

    /** Codes times scale plus minimum; codes float32, scale and minimum float16. */
    public String dequantize(Quantized quantized) {
        String scaled = ops.call("Mul", quantized.codes(), ops.cast(quantized.scale(), DataType.FLOAT));
        return whole(ops.call("Add", scaled, ops.cast(quantized.minimum(), DataType.FLOAT)));
    }

    /** Splits the last dimension into groups, where there are several. */
    public String grouped(String x) {
        return headSize == groupSize ? x : ops.reshape(x, 0, 0, 0, headSize / groupSize, groupSize);
    }

    /** Joins the groups again. */
    public String whole(String x) {
        return headSize == groupSize ? x : ops.reshape(x, 0, 0, 0, headSize);
    }

    private String half(String x) {
        return ops.cast(ops.call("Clip", x, ops.number(-LARGEST_HALF), ops.number(LARGEST_HALF)), DataType.FLOAT16);
    }
}
