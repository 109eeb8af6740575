package dev.kogata.onnx.elastic;

import dev.kogata.onnx.bundle.CacheLayer;
import dev.kogata.onnx.graph.GraphEditor;
import dev.kogata.onnx.graph.NativeScales;
import dev.kogata.onnx.graph.Operators;
import java.util.List;
import java.util.function.Function;

/**
 * The native format's arithmetic on one side of one layer's cache, with the version of its static scales chosen at run time:
 * {@code clamp(round(x * (1 / s)), -top - 1, top) * s}, as ONNX Runtime's {@code GroupQueryAttention} does it.
 *
 * @param input graph input with the chosen version of every layer, counted from 1; 0 for none
 * @param index place of the layer in it
 * @param versions what can be chosen; may be none
 * @param side keys or values of a version: (heads, channels)
 */
record ElasticScales(String input, int index, List<NativeScales> versions, Function<NativeScales, float[]> side) {

    /** The name of {@code x}, float32 {@code [batch, heads, tokens, head size]}, quantized and brought back; of {@code otherwise} where no version is chosen. */
    String orElse(GraphEditor editor, Operators ops, CacheLayer layer, String x, String otherwise) {
        if (versions.isEmpty()) {
            return otherwise;
        }
        int channels = layer.kvHeads() * layer.headSize();
        float[] scales = new float[versions.size() * channels], reciprocals = new float[scales.length];
        float[] tops = new float[versions.size()], bottoms = new float[tops.length];
        for (int v = 0; v < tops.length; v++) {
            float[] own = side.apply(versions.get(v));
            for (int c = 0; c < channels; c++) {
                scales[v * channels + c] = own[c];
                reciprocals[v * channels + c] = 1 / own[c];
            }
            tops[v] = versions.get(v).bits() == 8 ? 127 : 7;
            bottoms[v] = -tops[v] - 1;
        }
        List<Long> shape = List.of((long) tops.length, (long) layer.kvHeads(), 1L, (long) layer.headSize()), numbers = List.of((long) tops.length);
        String chosen = ops.gather(input, editor.longs(index), 0);
        String version = ops.call("Max", ops.call("Sub", chosen, editor.longs(1)), editor.longs(0));
        String scale = ops.gather(editor.floats(shape, scales), version, 0);
        String scaled = ops.call("Mul", x, ops.gather(editor.floats(shape, reciprocals), version, 0));
        String codes = ops.call("Clip", ops.call("Round", scaled), ops.gather(editor.floats(numbers, bottoms), version, 0), ops.gather(editor.floats(numbers, tops), version, 0));
        return ops.call("Where", ops.call("Greater", chosen, editor.longs(0)), ops.call("Mul", codes, scale), otherwise);
    }
}
