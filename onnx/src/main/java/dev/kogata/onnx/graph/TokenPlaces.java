package dev.kogata.onnx.graph;

import dev.kogata.onnx.format.Onnx.TensorProto.DataType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Where tokens stand in a batch that {@link GroupQueryAttentionNode} attends over, as ordinary operators: every sequence
 * fills its cache from slot 0, so that the new tokens of a shorter one overwrite what padding left behind. One for all
 * layers that share their lengths. One use of each editor.
 */
final class TokenPlaces {
    private final GraphEditor editor;
    private final Operators ops;
    private final String newTokens;     // int64 (1)
    private final String pastSlots;     // int64 (1)
    private final String slots;         // int64 (1): slots of the cache after this step
    private final String start;         // int64 (batch, 1): slot of the first new token
    private final String slot;          // int64 (slots)
    private final Map<Long, String> biases = new HashMap<>();
    private final Map<Integer, String> sources = new HashMap<>();
    private String positions;

    TokenPlaces(GraphEditor editor, GroupQueryAttentionNode node) {
        this.editor = editor;
        this.ops = new Operators(editor, "kogata.tokens");
        newTokens = ops.dimension(node.query(), 1);
        pastSlots = ops.dimension(node.pastKey().orElseThrow(), 2);
        String total = ops.reshape(ops.cast(node.totalLength(), DataType.INT64), 1);
        slots = ops.call("Max", pastSlots, total);
        String length = ops.call("Add", ops.reshape(ops.cast(node.lengths(), DataType.INT64), -1, 1), ops.whole(1));
        // A first pass over padded sequences has more tokens than a shorter one is long: it starts at 0 all the same.
        start = ops.call("Max", ops.call("Sub", length, newTokens), ops.whole(0));
        slot = ops.range(slots);
    }

    /** int64 (batch, new tokens): the slot, and with it the position, of every new token. */
    String positions() {
        if (positions == null) {
            positions = ops.call("Add", start, ops.range(newTokens));
        }
        return positions;
    }

    /**
     * float32 (batch, 1, new tokens, slots): 0 where a token may look, else the lowest number.
     *
     * @param window tokens that one sees, itself included; -1 for all before it
     */
    String bias(long window) {
        return biases.computeIfAbsent(window, w -> {
            String own = ops.unsqueeze(positions(), 1, 3);
            String seen = ops.call("LessOrEqual", slot, own);
            if (w > 0) {
                seen = ops.call("And", seen, ops.call("Greater", slot, ops.call("Sub", own, ops.whole(w))));
            }
            return ops.call("Where", seen, ops.number(0), ops.number(-Float.MAX_VALUE));
        });
    }

    /** int64 (batch, heads, slots, 1): which token of {@code Concat(past, new)} each slot holds, for GatherND. */
    String sources(int heads) {
        return sources.computeIfAbsent(heads, h -> {
            String into = ops.call("Sub", slot, start);     // (batch, slots): number of the new token, if it is one
            String isNew = ops.call("And", ops.call("GreaterOrEqual", into, ops.whole(0)), ops.call("Less", into, newTokens));
            String source = ops.call("Where", isNew, ops.call("Add", into, pastSlots), slot);
            String shape = ops.concat(0, List.of(ops.dimension(source, 0), ops.whole(h), slots));
            return ops.unsqueeze(ops.call("Expand", ops.unsqueeze(source, 1), shape), 3);
        });
    }

    String newTokens() {
        return newTokens;
    }

    String slots() {
        return slots;
    }
}
