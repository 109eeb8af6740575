package dev.kogata.onnx.graph;

import dev.kogata.onnx.format.Onnx.NodeProto;
import java.util.Optional;

/**
 * A node {@code ai.onnx Attention} (opset 23 and 24) and what its inputs and outputs mean. Query, key and value are {@code
 * [batch, heads, tokens, head size]}, or {@code [batch, tokens, heads * head size]} where the node names its heads; caches {@code
 * [batch, kv heads, tokens, head size]}. Immutable.
 *
 * @param node the node
 */
public record AttentionNode(NodeProto node) {
    /** The operator's name, in the default domain. */
    public static final String OPERATOR = "Attention";

    /** Reads a node, if it is one of this operator. */
    public static Optional<AttentionNode> of(NodeProto node) {
        return node.getOpType().equals(OPERATOR) && (node.getDomain().isEmpty() || node.getDomain().equals("ai.onnx"))
                ? Optional.of(new AttentionNode(node)) : Optional.empty();
    }

    /** The node that reads a cache input as its past keys or values, if there is one in this graph. */
    public static Optional<AttentionNode> reading(GraphView graph, String past) {
        return graph.consumers(past).stream().flatMap(n -> of(n).stream())
                .filter(n -> n.pastKey().filter(past::equals).isPresent() || n.pastValue().filter(past::equals).isPresent()).findFirst();
    }

    public String query() {
        return node.getInput(0);
    }

    public String key() {
        return node.getInput(1);
    }

    public String value() {
        return node.getInput(2);
    }

    /** Boolean, or a number that is added to the scores. */
    public Optional<String> mask() {
        return input(3);
    }

    public Optional<String> pastKey() {
        return input(4);
    }

    public Optional<String> pastValue() {
        return input(5);
    }

    /** Tokens of each sequence that are no padding; of opset 24. */
    public Optional<String> lengths() {
        return input(6);
    }

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

    /** Whether no token looks at a later one. */
    public boolean causal() {
        return Attributes.integer(node, "is_causal", 0) == 1;
    }

    /** Heads of the query where they stand in its last dimension; else 0. */
    public int heads() {
        return (int) Attributes.integer(node, "q_num_heads", 0);
    }

    /** Heads of key and value where they stand in their last dimension; else 0. */
    public int kvHeads() {
        return (int) Attributes.integer(node, "kv_num_heads", 0);
    }

    private Optional<String> input(int slot) {
        return slot < node.getInputCount() && !node.getInput(slot).isEmpty() ? Optional.of(node.getInput(slot)) : Optional.empty();
    }

    private Optional<String> output(int slot) {
        return slot < node.getOutputCount() && !node.getOutput(slot).isEmpty() ? Optional.of(node.getOutput(slot)) : Optional.empty();
    }
}
