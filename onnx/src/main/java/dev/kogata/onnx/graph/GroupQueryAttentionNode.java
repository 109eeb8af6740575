package dev.kogata.onnx.graph;

import dev.kogata.onnx.format.Onnx.AttributeProto;
import dev.kogata.onnx.format.Onnx.NodeProto;
import java.util.Optional;
import java.util.Set;

/**
 * A node {@code com.microsoft.GroupQueryAttention} and what its inputs, outputs and attributes mean, as ONNX Runtime 1.29
 * defines them. Query, key and value are {@code [batch, new tokens, heads * head size]}; caches {@code [batch, kv heads, tokens,
 * head size]}. Immutable.
 *
 * @param node the node
 */
public record GroupQueryAttentionNode(NodeProto node) {
    /** The operator's name. */
    public static final String OPERATOR = "GroupQueryAttention";
    private static final Set<String> KNOWN = Set.of("num_heads", "kv_num_heads", "scale", "do_rotary", "rotary_interleaved", "local_window_size", "softcap",
            "smooth_softmax", "k_quant_type", "v_quant_type", "kv_cache_bit_width", "qk_output");
    /** The operator's domain. */
    public static final String DOMAIN = "com.microsoft";

    /** Reads a node, if it is one of this operator. */
    public static Optional<GroupQueryAttentionNode> of(NodeProto node) {
        return node.getOpType().equals(OPERATOR) && node.getDomain().equals(DOMAIN) ? Optional.of(new GroupQueryAttentionNode(node)) : Optional.empty();
    }

    /** The node that reads a cache input as its past keys or values, if there is one in this graph. */
    public static Optional<GroupQueryAttentionNode> reading(GraphView graph, String past) {
        return graph.consumers(past).stream().flatMap(n -> of(n).stream())
                .filter(n -> n.pastKey().filter(past::equals).isPresent() || n.pastValue().filter(past::equals).isPresent()).findFirst();
    }

    /** The query; or query, key and value side by side, where {@link #packed()}. */
    public String query() {
        return node.getInput(0);
    }

    public Optional<String> key() {
        return input(1);
    }

    public Optional<String> value() {
        return input(2);
    }

    /** Whether the query holds key and value too, behind each other in the last dimension. */
    public boolean packed() {
        return key().isEmpty();
    }

    public Optional<String> pastKey() {
        return input(3);
    }

    public Optional<String> pastValue() {
        return input(4);
    }

    /** {@code seqlens_k}, int32 (batch): tokens of every sequence, the new ones included, minus 1. */
    public String lengths() {
        return node.getInput(5);
    }

    /** {@code total_sequence_length}, int32 without dimensions: tokens of the longest sequence, the new ones included. */
    public String totalLength() {
        return node.getInput(6);
    }

    /** Cosines (positions, half the rotated channels). */
    public Optional<String> cosines() {
        return input(7);
    }

    /** Sines (positions, half the rotated channels). */
    public Optional<String> sines() {
        return input(8);
    }

    /** Positions int64 (batch, new tokens), where they are given. */
    public Optional<String> positions() {
        return input(9);
    }

    /** What is added to the scores, (batch or 1, heads or 1, new tokens, all tokens). */
    public Optional<String> bias() {
        return input(10);
    }

    /** A logit for each head that takes part in the softmax and attends to nothing. */
    public Optional<String> sink() {
        return input(11);
    }

    public Optional<String> keyScale() {
        return input(12);
    }

    public Optional<String> valueScale() {
        return input(13);
    }

    /** What attention computes, {@code [batch, new tokens, heads * head size]}. */
    public String output() {
        return node.getOutput(0);
    }

    public Optional<String> presentKey() {
        return output(1);
    }

    public Optional<String> presentValue() {
        return output(2);
    }

    /** The product of query and key, where the graph asks for it. */
    public Optional<String> scores() {
        return output(3);
    }

    /** Heads of the query. */
    public int heads() {
        return (int) Attributes.integer(node, "num_heads", 0);
    }

    /** Heads of key and value. */
    public int kvHeads() {
        return (int) Attributes.integer(node, "kv_num_heads", 0);
    }

    /** What products of query and key are multiplied by. */
    public float scale(int headSize) {
        float given = decimal("scale");
        return given == 0 ? (float) (1 / Math.sqrt(headSize)) : given;
    }

    /** Whether query and key are rotated in here. */
    public boolean rotary() {
        return Attributes.integer(node, "do_rotary", 0) == 1;
    }

    /** Whether neighbouring channels are a rotary pair; else those half the rotated channels apart. */
    public boolean interleaved() {
        return Attributes.integer(node, "rotary_interleaved", 0) == 1;
    }

    /** Tokens that a token sees, itself included; -1 for all before it. */
    public long window() {
        return Attributes.integer(node, "local_window_size", -1);
    }

    /** Scores are bent to this range by tanh; 0 for not. */
    public float softcap() {
        return decimal("softcap");
    }

    /** Whether the softmax has a further logit of 0 that attends to nothing. */
    public boolean smoothSoftmax() {
        return Attributes.integer(node, "smooth_softmax", 0) == 1;
    }

    /** Whether its cache holds whole numbers with scales beside them. */
    public boolean quantized() {
        return keyScale().isPresent() || valueScale().isPresent() || isQuantized("k_quant_type") || isQuantized("v_quant_type");
    }

    /** Bits of a value in a quantized cache; 0 where it does not say. */
    public int cacheBits() {
        return (int) Attributes.integer(node, "kv_cache_bit_width", 0);
    }

    /** An attribute that is set and that this record does not know: what it asks for is not known either. */
    public Optional<String> unknownAttribute() {
        return node.getAttributeList().stream().filter(a -> !KNOWN.contains(a.getName()))
                .filter(a -> a.getI() != 0 || a.getF() != 0 || !a.getS().isEmpty() || a.getIntsCount() > 0 || a.getFloatsCount() > 0).map(AttributeProto::getName).findFirst();
    }

    private boolean isQuantized(String attribute) {
        return Attributes.find(node, attribute).filter(a -> !a.getS().isEmpty() && !a.getS().toStringUtf8().equals("NONE")).isPresent();
    }

    private float decimal(String attribute) {
        return Attributes.find(node, attribute).map(AttributeProto::getF).orElse(0f);
    }

    private Optional<String> input(int slot) {
        return slot < node.getInputCount() && !node.getInput(slot).isEmpty() ? Optional.of(node.getInput(slot)) : Optional.empty();
    }

    private Optional<String> output(int slot) {
        return slot < node.getOutputCount() && !node.getOutput(slot).isEmpty() ? Optional.of(node.getOutput(slot)) : Optional.empty();
    }
}
