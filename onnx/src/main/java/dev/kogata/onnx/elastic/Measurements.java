package dev.kogata.onnx.elastic;

import dev.kogata.onnx.bundle.CacheLayer;
import dev.kogata.onnx.bundle.CacheTensor;
import dev.kogata.onnx.bundle.WeightMatrix;
import dev.kogata.onnx.format.Onnx.TensorProto.DataType;
import dev.kogata.onnx.graph.CacheConcat;
import dev.kogata.onnx.graph.GraphEditor;
import dev.kogata.onnx.graph.Operators;
import dev.kogata.onnx.graph.ValueInfos;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Adds outputs that calibration reads. Padding, by the attention mask of a pass without past, counts for nothing. */
final class Measurements {
    private final GraphEditor editor;
    private final Operators ops;
    private final Map<String, String> norms = new HashMap<>();
    private String mask;

    Measurements(GraphEditor editor) {
        this.editor = editor;
        this.ops = new Operators(editor, "kogata.measured");
    }

    /** Output (in): sum over all tokens of the squares of what the weight multiplies; weights with one input share it. */
    String norm(WeightMatrix weight, String input) {
        return norms.computeIfAbsent(input, name -> {
            String tokens = ops.reshape(weight.valueBytes() == 4 ? name : ops.cast(name, DataType.FLOAT), -1, weight.inputs());
            String masked = ops.call("Mul", tokens, ops.reshape(mask(), -1, 1));
            String sum = ops.reduce("ReduceSumSquare", masked, false, 0);
            editor.output(ValueInfos.tensor(sum, DataType.FLOAT, weight.inputs()));
            return sum;
        });
    }

    /** Outputs (heads, channels): largest absolute value over all tokens; absent where the cache is not a plain one. */
    Optional<ElasticModel.Range> range(CacheLayer layer) {
        Optional<String> key = side(layer, layer.key());
        Optional<String> value = side(layer, layer.value());
        return key.isPresent() && value.isPresent() ? Optional.of(new ElasticModel.Range(key.get(), value.get())) : Optional.empty();
    }

    private Optional<String> side(CacheLayer layer, CacheTensor names) {
        return CacheConcat.find(editor.original(), names.input(), names.output()).map(concat -> {
            String x = layer.valueBytes() == 4 ? concat.computed() : ops.cast(concat.computed(), DataType.FLOAT);
            String masked = ops.call("Mul", ops.call("Abs", x), ops.unsqueeze(mask(), 1, 3));
            String largest = ops.reduce("ReduceMax", masked, false, 0, 2);
            editor.output(ValueInfos.tensor(largest, DataType.FLOAT, layer.kvHeads(), layer.headSize()));
            return largest;
        });
    }

    private String mask() {
        if (mask == null) {
            boolean given = editor.original().graph().getInputList().stream().anyMatch(i -> i.getName().equals("attention_mask"));
            mask = given ? ops.cast("attention_mask", DataType.FLOAT) : editor.floats(List.of(1L, 1L), 1);
        }
        return mask;
    }
}
