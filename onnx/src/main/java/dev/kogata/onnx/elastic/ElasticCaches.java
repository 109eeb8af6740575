package dev.kogata.onnx.elastic;

import dev.kogata.onnx.bundle.CacheLayer;
import dev.kogata.onnx.bundle.CacheTensor;
import dev.kogata.onnx.format.Onnx.TensorProto.DataType;
import dev.kogata.onnx.graph.CacheConcat;
import dev.kogata.onnx.graph.CacheQuantizer;
import dev.kogata.onnx.graph.GraphEditor;
import dev.kogata.onnx.graph.KeyFactor;
import dev.kogata.onnx.graph.NativeScales;
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

    /**
     * @param natives by layer: versions of static scales that can be chosen; without an entry for a layer that offers none
     */
    void add(List<CacheLayer> layers, Map<Integer, float[]> keyFactors, Map<Integer, List<NativeScales>> natives) {
        editor.input(ValueInfos.tensor(ElasticModel.KEY_CODES, DataType.FLOAT, layers.size()));
        editor.input(ValueInfos.tensor(ElasticModel.VALUE_CODES, DataType.FLOAT, layers.size()));
        if (!natives.isEmpty()) {
            editor.input(ValueInfos.tensor(ElasticModel.NATIVE_KEYS, DataType.INT64, layers.size()));
            editor.input(ValueInfos.tensor(ElasticModel.NATIVE_VALUES, DataType.INT64, layers.size()));
        }
        for (int i = 0; i < layers.size(); i++) {
            CacheLayer layer = layers.get(i);
            List<NativeScales> versions = natives.getOrDefault(layer.layer(), List.of());
            if (layer.widths().size() > 1 || !versions.isEmpty()) {
                ElasticScales keys = new ElasticScales(ElasticModel.NATIVE_KEYS, i, versions, NativeScales::key);
                ElasticScales values = new ElasticScales(ElasticModel.NATIVE_VALUES, i, versions, NativeScales::value);
                side(layer, layer.key(), ElasticModel.KEY_CODES, i, Optional.ofNullable(keyFactors.get(layer.layer())), keys);
                side(layer, layer.value(), ElasticModel.VALUE_CODES, i, Optional.empty(), values);
            }
        }
    }

    private void side(CacheLayer layer, CacheTensor names, String codes, int index, Optional<float[]> factors, ElasticScales scales) {
        Operators ops = new Operators(editor, "kogata.cache." + names.output());
        String computed = CacheConcat.find(editor.original(), names.input(), names.output()).orElseThrow().computed();
        DataType type = type(names);
        String x = type == DataType.FLOAT ? computed : ops.cast(computed, DataType.FLOAT);
        String largest = ops.gather(codes, editor.longs(index), 0);
        String quantizing = ops.call("Greater", largest, ops.number(0));
        CacheQuantizer quantizer = new CacheQuantizer(ops, layer.headSize(), layer.groupSize());
        Optional<KeyFactor> factor = factors.map(f -> new KeyFactor(editor, ops, effective(ops, layer, f, quantizing), layer.kvHeads(), layer.headSize()));
        factor.ifPresent(f -> f.foldIntoQuery(names.output(), type));
        String divided = factor.map(f -> f.divide(x)).orElse(x);
        String near = quantizer.dequantize(quantizer.quantize(divided, ops.call("Max", largest, ops.number(1))));
        String chosen = ops.call("Where", quantizing, near, divided);
        String restored = scales.orElse(editor, ops, layer, x, factor.map(f -> f.restore(chosen)).orElse(chosen));
        editor.redirect(computed, type == DataType.FLOAT ? restored : ops.cast(restored, type));
    }

    /** Where the cache is left as it is, factors of 1 leave every bit of keys and queries as it is. */
    private String effective(Operators ops, CacheLayer layer, float[] factors, String quantizing) {
        String given = editor.floats(List.of(1L, (long) layer.kvHeads(), 1L, (long) layer.headSize()), factors);
        return ops.call("Where", quantizing, given, ops.number(1));
    }

    private DataType type(CacheTensor names) {
        return DataType.forNumber(ValueInfos.find(editor.original().graph().getInputList(), names.input()).getType().getTensorType().getElemType());
    }
}
