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
    private final Map<String, String> products = new HashMap<>();
    private String mask;

    Measurements(GraphEditor editor) {
        this.editor = editor;
        this.ops = new Operators(editor, "kogata.measured");
    }

    /** Output (in): sum over all tokens of the squares of what the weight multiplies; weights with one input share it. */
    String norm(WeightMatrix weight, String input) {
        return norms.computeIfAbsent(input, name -> {
            String sum = ops.reduce("ReduceSumSquare", tokens(weight, name), false, 0);
            editor.output(ValueInfos.tensor(sum, DataType.FLOAT, weight.inputs()));
            return sum;
        });
    }

    /** Output (in, in): {@code X^T X} over all tokens of what the weight multiplies; weights with one input share it. */
    String product(WeightMatrix weight, String input) {
        return products.computeIfAbsent(input, name -> {
            String tokens = tokens(weight, name);
            String product = ops.call("MatMul", ops.call("Transpose", tokens), tokens);
            editor.output(ValueInfos.tensor(product, DataType.FLOAT, weight.inputs(), weight.inputs()));
            return product;
        });
    }

    /** (tokens, in): one row for each token, zeros for padding. */
    private String tokens(WeightMatrix weight, String input) {
        String tokens = ops.reshape(weight.valueBytes() == 4 ? input : ops.cast(input, DataType.FLOAT), -1, weight.inputs());
        return ops.call("Mul", tokens, ops.reshape(mask(), -1, 1));
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
