package dev.kogata.onnx.graph;

import dev.kogata.onnx.format.Onnx.TensorProto.DataType;
import java.util.List;

/**
 * Rotary position embedding (RoFormer, arXiv 2104.09864) as {@link GroupQueryAttentionNode} does it, by the graph's own table of cosines
 * and sines: of the first channels neighbouring ones are a pair, or those half of them apart; the others stay. For one node.
 */
final class Rotation {
    private final GraphEditor editor;
    private final Operators ops;
    private final boolean interleaved;
    private final long half;
    private final String cosines;   // float32 (batch, 1, tokens, half)
    private final String sines;

    Rotation(GraphEditor editor, Operators ops, GroupQueryAttentionNode node, TokenPlaces tokens, DataType type) {
        this.editor = editor;
        this.ops = ops;
        interleaved = node.interleaved();
        half = width(editor.original(), node);
        String positions = node.positions().orElseGet(tokens::positions);
        cosines = at(node.cosines().orElseThrow(), positions, type);
        sines = at(node.sines().orElseThrow(), positions, type);
    }

    /** Pairs that are rotated: the columns of the table; 0 where that is no constant of the graph. */
    static long width(GraphView graph, GroupQueryAttentionNode node) {
        return node.cosines().flatMap(graph::initializer).filter(t -> t.getDimsCount() == 2).map(t -> t.getDims(1)).orElse(0L);
    }

    private String at(String table, String positions, DataType type) {
        String rows = ops.gather(table, positions, 0);
        return ops.unsqueeze(type == DataType.FLOAT ? rows : ops.cast(rows, DataType.FLOAT), 1);
    }

    /** From and to float32 (batch, heads, tokens, head size). */
    String of(String x, int headSize) {
        if (2 * half == headSize) {
            return rotated(x);
        }
        List<String> parts = ops.split(x, -1, 2 * half, headSize - 2 * half);
        return ops.concat(-1, List.of(rotated(parts.get(0)), parts.get(1)));
    }

    private String rotated(String x) {
        if (!interleaved) {
            List<String> halves = ops.split(x, -1, half, half);
            List<String> turned = turned(halves.get(0), halves.get(1));
            return ops.concat(-1, turned);
        }
        List<String> pair = ops.split(pairs(x), -1, 1, 1);
        List<String> turned = turned(ops.call("Squeeze", pair.get(0), editor.longs(-1)), ops.call("Squeeze", pair.get(1), editor.longs(-1)));
        String side = ops.concat(-1, List.of(ops.unsqueeze(turned.get(0), 4), ops.unsqueeze(turned.get(1), 4)));
        return ops.reshape(side, 0, 0, 0, 2 * half);
    }

    private String pairs(String x) {
        return ops.reshape(x, 0, 0, 0, half, 2);
    }

    private List<String> turned(String first, String second) {
        return List.of(ops.call("Sub", ops.call("Mul", first, cosines), ops.call("Mul", second, sines)),
                ops.call("Add", ops.call("Mul", second, cosines), ops.call("Mul", first, sines)));
    }
}
