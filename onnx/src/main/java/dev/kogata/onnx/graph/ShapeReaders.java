package dev.kogata.onnx.graph;

import dev.kogata.onnx.format.Onnx.NodeProto;
import java.util.List;

/** What asks for a cache's shape, to make masks or to repeat heads. */
final class ShapeReaders {

    private ShapeReaders() {}

    /** Readers of the shape keep getting the head size as its last dimension. */
    static void keepLastDimension(GraphEditor editor, Operators ops, String cache, int headSize) {
        for (NodeProto node : editor.original().consumers(cache)) {
            if (node.getOpType().equals("Shape")) {
                String three = ops.call("Slice", ops.call("Shape", cache), editor.longs(0), editor.longs(3));
                String whole = ops.concat(0, List.of(three, editor.longs(headSize)));
                long start = Attributes.integer(node, "start", 0);
                long end = Attributes.integer(node, "end", 4);
                editor.redirect(node.getOutput(0), start == 0 && end == 4 ? whole : ops.call("Slice", whole, editor.longs(start), editor.longs(end)));
            }
        }
    }
}
