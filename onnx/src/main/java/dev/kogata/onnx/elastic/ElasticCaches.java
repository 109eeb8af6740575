package dev.kogata.onnx.elastic;

import dev.kogata.onnx.bundle.CacheLayer;
import dev.kogata.onnx.bundle.CacheTensor;
import dev.kogata.onnx.format.Onnx.TensorProto.DataType;
import dev.kogata.onnx.graph.CacheConcat;
import dev.kogata.onnx.graph.CacheQuantizer;
import dev.kogata.onnx.graph.GraphEditor;
import dev.kogata.onnx.graph.Operators;
import dev.kogata.onnx.graph.ValueInfos;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Adds cache widths: what a layer computes for its cache is quantized to the width given at run time and brought back
 * before anything reads it, with the arithmetic of the delivered graph.
 */
final class ElasticCaches {
    private final GraphEditor editor;

    ElasticCaches(GraphEditor editor) {
        this.editor = editor;
    }

    void add(List<CacheLayer> layers, Map<Integer, float[]> keyFactors) {
        editor.input(ValueInfos.tensor(ElasticModel.KEY_CODES, DataType.FLOAT, layers.size()));
        editor.input(ValueInfos.tensor(ElasticModel.VALUE_CODES, DataType.FLOAT, layers.size()));
        for (int i = 0; i < layers.size(); i++) {
            CacheLayer layer = layers.get(i);
            if (layer.widths().size() > 1) {
                side(layer, layer.key(), ElasticModel.KEY_CODES, i, Optional.ofNullable(keyFactors.get(layer.layer())));
                side(layer, layer.value(), ElasticModel.VALUE_CODES, i, Optional.empty());
            }
        }
    }

    private void side(CacheLayer layer, CacheTensor names, String codes, int index, Optional<float[]> factors) {
        Operators ops = new Operators(editor, "kogata.cache." + names.output());
        String computed = CacheConcat.find(editor.original(), names.input(), names.output()).orElseThrow().computed();
        String x = layer.valueBytes() == 4 ? computed : ops.cast(computed, DataType.FLOAT);
        String largest = ops.gather(codes, editor.longs(index), 0);
        Optional<String> factor = factors.map(f -> editor.floats(List.of(1L, (long) layer.kvHeads(), 1L, (long) layer.headSize()), f));
        String divided = factor.map(f -> ops.call("Div", x, f)).orElse(x);
        CacheQuantizer quantizer = new CacheQuantizer(ops, layer.headSize(), layer.groupSize());
        String near = quantizer.dequantize(quantizer.quantize(divided, ops.call("Max", largest, ops.number(1))));
        String multiplied = factor.map(f -> ops.call("Mul", near, f)).orElse(near);
        String chosen = ops.call("Where", ops.call("Greater", largest, ops.number(0)), multiplied, x);
        editor.redirect(computed, layer.valueBytes() == 4 ? chosen : castBack(ops, chosen, names));
    }

    private String castBack(Operators ops, String x, CacheTensor names) {
        int type = ValueInfos.find(editor.original().graph().getInputList(), names.input()).getType().getTensorType().getElemType();
        return ops.cast(x, DataType.forNumber(type));
    }
}
