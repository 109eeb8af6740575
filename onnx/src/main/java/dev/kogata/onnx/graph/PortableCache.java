package dev.kogata.onnx.graph;

import dev.kogata.core.cache.BitPacking;
import dev.kogata.onnx.format.Onnx.NodeProto;
import dev.kogata.onnx.format.Onnx.TensorProto.DataType;
import dev.kogata.onnx.format.Onnx.TensorShapeProto.Dimension;
import dev.kogata.onnx.format.Onnx.ValueInfoProto;
import java.util.List;
import java.util.Optional;

/**
 * Rewrites one side of one layer's cache into the portable format: the cache tensor becomes uint8 {@code [batch, heads,
 * tokens, packed bytes]} under its own name, beside it stands float16 {@code [batch, heads, tokens, 2 * groups]} (all scales,
 * then all minima) under the name with {@code _scale}. What was just computed is quantized before anything attends to it, so
 * a whole sequence at once and token by token see the same cache. One use.
 */
public final class PortableCache {
    /** Appended to a cache's names for scales and minima. */
    public static final String SCALE_SUFFIX = "_scale";

    private final GraphEditor editor;
    private final Operators ops;
    private final String past;
    private final String present;
    private final CacheConcat concat;
    private final int headSize;
    private final int groupSize;
    private final int bits;

    /**
     * @param past name of the cache's input
     * @param present name of its output
     * @param groupSize channels that share scale and minimum
     * @param bits 2, 3, 4, 6 or 8
     */
    public PortableCache(GraphEditor editor, String past, String present, int headSize, int groupSize, int bits) {
        this.editor = editor;
        this.ops = new Operators(editor, "kogata.cache." + present);
        this.past = past;
        this.present = present;
        this.concat = CacheConcat.find(editor.original(), past, present)
                .orElseThrow(() -> new IllegalArgumentException("the cache %s is not a plain concatenation".formatted(past)));
        this.headSize = headSize;
        this.groupSize = groupSize;
        this.bits = bits;
    }

    /** @param keyFactors (heads, channels) to divide by before quantizing, for keys; empty for values */
    public void rewrite(Optional<float[]> keyFactors, int heads) {
        ValueInfoProto input = ValueInfos.find(editor.original().graph().getInputList(), past);
        ValueInfoProto output = ValueInfos.find(editor.original().graph().getOutputList(), present);
        DataType type = DataType.forNumber(input.getType().getTensorType().getElemType());
        Optional<KeyFactor> factor = keyFactors.map(f -> new KeyFactor(editor, ops, editor.floats(List.of(1L, (long) heads, 1L, (long) headSize), f), heads, headSize));
        factor.ifPresent(f -> f.foldIntoQuery(present, type));
        CacheQuantizer quantizer = new CacheQuantizer(ops, headSize, groupSize);
        CachePacking packing = new CachePacking(ops, headSize, bits);

        String x = type == DataType.FLOAT ? concat.computed() : ops.cast(concat.computed(), DataType.FLOAT);
        CacheQuantizer.Quantized fresh = quantizer.quantize(factor.map(f -> f.divide(x)).orElse(x), ops.number((1 << bits) - 1));
        String packed = packing.pack(quantizer.whole(fresh.codes()));
        int groups = headSize / groupSize;
        String scales = ops.concat(-1, List.of(perToken(fresh.scale(), groups), perToken(fresh.minimum(), groups)));

        concat.remove(editor);
        concat.append(editor, past, packed, present);
        concat.append(editor, past + SCALE_SUFFIX, scales, present + SCALE_SUFFIX);
        List<String> parts = ops.split(present + SCALE_SUFFIX, -1, groups, groups);
        String codes = quantizer.grouped(packing.unpack(present));
        String near = quantizer.dequantize(new CacheQuantizer.Quantized(codes, perGroup(parts.get(0), groups), perGroup(parts.get(1), groups)));
        String restored = factor.map(f -> f.restore(near)).orElse(near);
        editor.redirect(present, type == DataType.FLOAT ? restored : ops.cast(restored, type));
        keepShapes();

        List<Dimension> in = ValueInfos.dimensions(input);
        List<Dimension> out = ValueInfos.dimensions(output);
        long bytes = BitPacking.packedBytes(headSize, bits);
        editor.input(ValueInfos.tensor(past, DataType.UINT8, in.get(0), in.get(1), in.get(2), bytes));
        editor.input(ValueInfos.tensor(past + SCALE_SUFFIX, DataType.FLOAT16, in.get(0), in.get(1), in.get(2), 2L * groups));
        editor.output(ValueInfos.tensor(present, DataType.UINT8, out.get(0), out.get(1), out.get(2), bytes));
        editor.output(ValueInfos.tensor(present + SCALE_SUFFIX, DataType.FLOAT16, out.get(0), out.get(1), out.get(2), 2L * groups));
    }

    /** From the quantizer's {@code [..., tokens, 1]}, or {@code [..., tokens, groups, 1]}, to {@code [..., tokens, groups]}. */
    private String perToken(String x, int groups) {
        return groups == 1 ? x : ops.reshape(x, 0, 0, 0, groups);
    }

    private String perGroup(String x, int groups) {
        return groups == 1 ? x : ops.unsqueeze(x, 4);
    }

    /** What asks for the past's shape keeps getting the head size as its last dimension. */
    private void keepShapes() {
        for (NodeProto node : editor.original().consumers(past)) {
            if (node.getOpType().equals("Shape")) {
                String three = ops.call("Slice", ops.call("Shape", past), editor.longs(0), editor.longs(3));
                String whole = ops.concat(0, List.of(three, editor.longs(headSize)));
                long start = Attributes.integer(node, "start", 0);
                long end = Attributes.integer(node, "end", 4);
                editor.redirect(node.getOutput(0), start == 0 && end == 4 ? whole : ops.call("Slice", whole, editor.longs(start), editor.longs(end)));
            }
        }
    }
}
