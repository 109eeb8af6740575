package dev.kogata.onnx.graph;

import static dev.kogata.onnx.graph.Attributes.integers;

import dev.kogata.onnx.format.Onnx.NodeProto;
import dev.kogata.onnx.format.Onnx.TensorProto.DataType;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Factors that a layer's keys are divided by before they are quantized. The product of query and key is kept by
 * multiplying the query, where the graph shows which one it is, and otherwise the keys again.
 */
public final class KeyFactor {
    /** What repeats the heads of a key, or turns it, without mixing channels. */
    private static final Set<String> MOVES = Set.of("Unsqueeze", "Expand", "Reshape", "Transpose", "Identity", "Cast");

    private final GraphEditor editor;
    private final Operators ops;
    private final String factor;
    private final int heads;
    private final int headSize;
    private boolean inQuery;

    /** @param factor name of float32 {@code [1, heads, 1, head size]} */
    public KeyFactor(GraphEditor editor, Operators ops, String factor, int heads, int headSize) {
        this.editor = editor;
        this.ops = ops;
        this.factor = factor;
        this.heads = heads;
        this.headSize = headSize;
    }

    /** Keys, float32 {@code [batch, heads, tokens, head size]}, divided. */
    public String divide(String keys) {
        return ops.call("Div", keys, factor);
    }

    /**
     * Multiplies the query that meets the keys of {@code present}, if the graph has the plain form {@code MatMul(query,
     * Transpose(keys))} or {@code Attention(query, keys, ...)}, heads repeated on the way or not.
     *
     * @param type type of the cache
     */
    public void foldIntoQuery(String present, DataType type) {
        Optional<Product> product = product(present, type);
        if (product.isEmpty()) {
            return;
        }
        String query = product.get().node().getInput(0);
        boolean cast = product.get().type() != DataType.FLOAT;
        // The heads that share a key head follow each other: with their tokens they are one long dimension under it.
        String grouped = ops.reshape(cast ? ops.cast(query, DataType.FLOAT) : query, 0, heads, -1, headSize);
        String multiplied = ops.call("Reshape", ops.call("Mul", grouped, factor), ops.call("Shape", query));
        editor.replaceInput(product.get().node(), 0, cast ? ops.cast(multiplied, product.get().type()) : multiplied);
        inQuery = true;
    }

    /** Keys as attention has to see them: unchanged where the query carries the factor, else multiplied. */
    public String restore(String keys) {
        return inQuery ? keys : ops.call("Mul", keys, factor);
    }

    /** Where keys meet their query, and the type that both have there. */
    private record Product(NodeProto node, DataType type) {}

    private Optional<Product> product(String present, DataType stored) {
        String name = present;
        DataType type = stored;
        while (true) {
            List<NodeProto> readers = editor.original().consumers(name).stream().filter(n -> !n.getOpType().equals("Shape")).toList();
            if (readers.size() != 1) {
                return Optional.empty();
            }
            NodeProto reader = readers.get(0);
            boolean turned = editor.original().producer(name)
                    .filter(p -> p.getOpType().equals("Transpose") && integers(p, "perm").equals(List.of(0L, 1L, 3L, 2L))).isPresent();
            if (reader.getOpType().equals("MatMul")) {
                return reader.getInput(1).equals(name) && turned ? Optional.of(new Product(reader, type)) : Optional.empty();
            }
            if (AttentionNode.of(reader).filter(a -> a.heads() == 0 && a.pastKey().isEmpty()).isPresent()) {
                return reader.getInput(1).equals(name) && !turned ? Optional.of(new Product(reader, type)) : Optional.empty();
            }
            if (turned || !MOVES.contains(reader.getOpType()) || !reader.getInput(0).equals(name)) {
                return Optional.empty();
            }
            type = reader.getOpType().equals("Cast") ? DataType.forNumber((int) Attributes.integer(reader, "to", 0)) : type;
            name = reader.getOutput(0);
        }
    }
}
