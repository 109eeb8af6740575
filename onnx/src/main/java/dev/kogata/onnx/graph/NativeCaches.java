package dev.kogata.onnx.graph;

import static dev.kogata.onnx.graph.Attributes.of;

import dev.kogata.onnx.format.Onnx.AttributeProto;
import dev.kogata.onnx.format.Onnx.AttributeProto.AttributeType;
import dev.kogata.onnx.format.Onnx.NodeProto;
import dev.kogata.onnx.format.Onnx.TensorProto.DataType;
import dev.kogata.onnx.format.Onnx.TensorShapeProto.Dimension;
import dev.kogata.onnx.format.Onnx.ValueInfoProto;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Rewrites layers of one decoder into the native format: {@code com.microsoft.GroupQueryAttention} keeps the cache as int8
 * {@code [batch, heads, tokens, head size]}, or int4 in uint8 {@code [batch, heads, tokens, head size / 2]}, under the cache's own
 * names, with one static scale for each head and channel. The kernel quantizes what was just computed before anything attends
 * to it, so that a whole sequence at once and token by token see the same cache.
 *
 * <p>Where attention was plain, the decoder's own mask is added to the scores: padding on either side means what it meant. All
 * sequences of a batch are as long as the mask, as they are there. Not thread-safe.
 */
public final class NativeCaches {
    /** Place of the scales among the operator's inputs. */
    private static final int SCALES = 12;
    private static final Set<String> QUANTIZING = Set.of("k_quant_type", "v_quant_type", "kv_cache_bit_width");
    private static final float LARGEST_HALF = 65504;

    private final GraphEditor editor;
    private final Operators ops;
    /** By mask and type: the same, with a row for each new token. */
    private final Map<String, String> biases = new HashMap<>();
    private String totalLength;
    private String lengths;

    /** Rewrites in this editor; what was attention before is left out when it builds. */
    public NativeCaches(GraphEditor editor) {
        this.editor = editor;
        this.ops = new Operators(editor, "kogata.native");
        editor.leaveOutUnread();
    }

    /**
     * Why the caches cannot be kept in this format, as the rest of a sentence; empty where they can.
     *
     * @param graph with the cache in the plain form of {@link PlainCaches}, or in GroupQueryAttention already
     */
    public static Optional<String> obstacle(GraphView graph, PlainCaches.Layer layer, int kvHeads) {
        if (layer.headSize() % 8 != 0) {
            return Optional.of("GroupQueryAttention takes heads of a multiple of 8 channels, not of %d".formatted(layer.headSize()));
        }
        DataType type = type(graph, layer);
        if (type != DataType.FLOAT && type != DataType.FLOAT16) {
            return Optional.of("GroupQueryAttention on CPU takes float32 and float16, not data type %s".formatted(type));
        }
        Optional<GroupQueryAttentionNode> grouped = PlainCaches.groupQuery(graph, layer);
        if (grouped.isPresent()) {
            return grouped.get().quantized() ? Optional.of("it is quantized already") : Optional.empty();
        }
        if (!PlainCaches.isPlain(graph, layer)) {
            return Optional.of("it is no Concat of past and new");
        }
        PlainAttention.Finding found = PlainAttention.find(graph, layer.presentKey(), layer.presentValue(), kvHeads, layer.headSize());
        return found.attention().isPresent() ? Optional.empty() : Optional.of(found.obstacle());
    }

    /**
     * Rewrites one layer, for which {@link #obstacle} is empty.
     *
     * @param withoutPast whether the graph is for whole sequences alone and must not look at its past, whatever that is
     */
    public void rewrite(PlainCaches.Layer layer, int kvHeads, NativeScales scales, boolean withoutPast) {
        Optional<GroupQueryAttentionNode> grouped = PlainCaches.groupQuery(editor.original(), layer);
        if (grouped.isPresent()) {
            convert(grouped.get(), kvHeads, layer.headSize(), scales);
        } else {
            replace(layer, kvHeads, scales, withoutPast);
        }
        quantizedCache(layer.pastKey(), layer.presentKey(), layer.headSize(), scales.bits());
        quantizedCache(layer.pastValue(), layer.presentValue(), layer.headSize(), scales.bits());
    }

    /** A node that has been GroupQueryAttention all along: rotary embedding, window and whatever else it does stay as they are. */
    private void convert(GroupQueryAttentionNode grouped, int kvHeads, int headSize, NativeScales scales) {
        NodeProto.Builder node = grouped.node().toBuilder();
        while (node.getInputCount() < SCALES) {
            node.addInput("");
        }
        List<String> rest = node.getInputList().subList(Math.min(SCALES + 2, node.getInputCount()), node.getInputCount()).stream().toList();
        List<String> first = node.getInputList().subList(0, SCALES).stream().toList();
        node.clearInput().addAllInput(first);
        List<AttributeProto> kept = node.getAttributeList().stream().filter(a -> !QUANTIZING.contains(a.getName())).toList();
        NodeProto.Builder quantized = quantized(node.clearAttribute().addAllAttribute(kept), scales, kvHeads, headSize);
        editor.remove(grouped.node());
        editor.add(quantized.addAllInput(rest).build(), 1);
    }

    private void replace(PlainCaches.Layer layer, int kvHeads, NativeScales scales, boolean withoutPast) {
        GraphView graph = editor.original();
        int headSize = layer.headSize();
        PlainAttention attention = PlainAttention.find(graph, layer.presentKey(), layer.presentValue(), kvHeads, headSize).attention()
                .orElseThrow(() -> new IllegalArgumentException("no attention reads the cache " + layer.pastKey()));
        CacheConcat keys = CacheConcat.find(graph, layer.pastKey(), layer.presentKey()).orElseThrow();
        CacheConcat values = CacheConcat.find(graph, layer.pastValue(), layer.presentValue()).orElseThrow();
        measureLengths(layer, keys.computed(), withoutPast);
        String output = editor.fresh("kogata.native." + layer.presentKey());
        String nothing = withoutPast ? nothing(keys.computed(), kvHeads, headSize, scales.bits()) : "";
        NodeProto.Builder node = NodeProto.newBuilder().setOpType(GroupQueryAttentionNode.OPERATOR).setDomain(GroupQueryAttentionNode.DOMAIN).setName(output + "/GroupQueryAttention")
                .addInput(tokensFirst(attention.query(), attention.heads() * headSize))
                .addInput(tokensFirst(keys.computed(), kvHeads * headSize))
                .addInput(tokensFirst(values.computed(), kvHeads * headSize))
                .addInput(withoutPast ? nothing : layer.pastKey()).addInput(withoutPast ? nothing : layer.pastValue()).addInput(lengths).addInput(totalLength)
                .addInput("").addInput("").addInput("").addInput(bias(attention, type(graph, layer))).addInput("")
                .addOutput(output).addOutput(layer.presentKey()).addOutput(layer.presentValue())
                .addAttribute(of("num_heads", attention.heads())).addAttribute(of("kv_num_heads", kvHeads)).addAttribute(of("do_rotary", 0))
                .addAttribute(AttributeProto.newBuilder().setName("scale").setType(AttributeType.FLOAT).setF(attention.scale()));
        editor.remove(keys.node());
        editor.remove(values.node());
        editor.add(quantized(node, scales, kvHeads, headSize).build(), 1);
        giveBack(attention.output(), output, attention.heads(), headSize);
    }

    private static DataType type(GraphView graph, PlainCaches.Layer layer) {
        return DataType.forNumber(ValueInfos.find(graph.graph().getInputList(), layer.pastKey()).getType().getTensorType().getElemType());
    }

    /** Scales and attributes of a quantized cache. */
    private NodeProto.Builder quantized(NodeProto.Builder node, NativeScales scales, int kvHeads, int headSize) {
        List<Long> shape = List.of(1L, (long) kvHeads, 1L, (long) headSize);
        return node.addInput(editor.floats(shape, scales.key())).addInput(editor.floats(shape, scales.value()))
                .addAttribute(of("k_quant_type", "PER_CHANNEL")).addAttribute(of("v_quant_type", "PER_CHANNEL")).addAttribute(of("kv_cache_bit_width", scales.bits()));
    }

    /** {@code seqlens_k} and {@code total_sequence_length}: all sequences fill their caches, past and new. The same for all layers. */
    private void measureLengths(PlainCaches.Layer layer, String computed, boolean withoutPast) {
        if (totalLength == null) {
            String fresh = ops.dimension(computed, 2);
            String total = withoutPast ? fresh : ops.call("Add", ops.dimension(layer.pastKey(), 2), fresh);
            totalLength = ops.cast(total, DataType.INT32);
            String last = ops.cast(ops.call("Sub", total, editor.longs(1)), DataType.INT32);
            lengths = ops.call("Expand", last, ops.dimension(computed, 0));
        }
    }

    /** A cache of no token. */
    private String nothing(String computed, int kvHeads, int headSize, int bits) {
        String shape = ops.concat(0, List.of(ops.dimension(computed, 0), editor.longs(kvHeads, 0, (long) headSize * bits / 8)));
        return ops.cast(editor.node("ConstantOfShape", "kogata.native.Nothing", List.of(shape)), bits == 8 ? DataType.INT8 : DataType.UINT8);
    }

    /** From {@code [batch, heads, tokens, head size]} to {@code [batch, tokens, channels]}. */
    private String tokensFirst(String x, int channels) {
        Optional<NodeProto> turning = editor.original().producer(x).filter(NativeCaches::turnsHeads);
        String turned = turning.isPresent() ? turning.get().getInput(0) : editor.node("Transpose", "kogata.native.Transpose", List.of(x), of("perm", List.of(0L, 2L, 1L, 3L)));
        return ops.reshape(turned, 0, 0, channels);
    }

    /** Whatever read the old output reads the new one. */
    private void giveBack(String old, String output, int heads, int headSize) {
        String split = ops.reshape(output, 0, 0, heads, headSize);
        for (NodeProto reader : editor.original().consumers(old)) {
            if (turnsHeads(reader)) {
                editor.redirect(reader.getOutput(0), split);
            }
        }
        if (!editor.original().consumers(old).stream().allMatch(NativeCaches::turnsHeads)) {
            editor.redirect(old, editor.node("Transpose", "kogata.native.Transpose", List.of(split), of("perm", List.of(0L, 2L, 1L, 3L))));
        }
    }

    private static boolean turnsHeads(NodeProto node) {
        return node.getOpType().equals("Transpose") && Attributes.integers(node, "perm").equals(List.of(0L, 2L, 1L, 3L));
    }

    /** The mask with a row for each new token and a column for each token, in the type of the query. */
    private String bias(PlainAttention attention, DataType type) {
        return biases.computeIfAbsent(attention.mask() + " " + type, same -> {
            String mask = attention.mask();
            if (BooleanValue.is(editor.original(), mask)) {
                mask = ops.call("Where", mask, ops.number(0), ops.number(-Float.MAX_VALUE));
            }
            if (type == DataType.FLOAT16) {
                String clipped = ops.call("Clip", ops.cast(mask, DataType.FLOAT), ops.number(-LARGEST_HALF), ops.number(LARGEST_HALF));
                mask = ops.cast(clipped, type);
            }
            String rows = ops.dimension(attention.query(), 2);
            String columns = ops.cast(totalLength, DataType.INT64);
            return ops.call("Expand", mask, ops.concat(0, List.of(editor.longs(1, 1), rows, columns)));
        });
    }

    private void quantizedCache(String past, String present, int headSize, int bits) {
        GraphView graph = editor.original();
        List<Dimension> in = ValueInfos.dimensions(ValueInfos.find(graph.graph().getInputList(), past));
        List<Dimension> out = ValueInfos.dimensions(ValueInfos.find(graph.graph().getOutputList(), present));
        DataType type = bits == 8 ? DataType.INT8 : DataType.UINT8;
        long last = (long) headSize * bits / 8;
        editor.input(ValueInfos.tensor(past, type, in.get(0), in.get(1), in.get(2), last));
        editor.output(ValueInfos.tensor(present, type, out.get(0), out.get(1), out.get(2), last));
        if (last != headSize) {
            for (String name : List.of(past, present)) {
                ShapeReaders.keepLastDimension(editor, ops, name, headSize);
            }
        }
    }
}
