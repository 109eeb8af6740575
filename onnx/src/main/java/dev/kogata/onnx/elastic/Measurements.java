package dev.kogata.onnx.elastic;

import dev.kogata.onnx.bundle.CacheLayer;
import dev.kogata.onnx.bundle.CacheTensor;
import dev.kogata.onnx.bundle.WeightMatrix;
import dev.kogata.onnx.format.Onnx.TensorProto.DataType;
import dev.kogata.onnx.graph.CacheConcat;
import dev.kogata.onnx.graph.GraphEditor;
import dev.kogata.onnx.graph.Operators;
import dev.kogata.onnx.graph.RotaryPairs;
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

    /** Outputs of a layer's keys and values, text and image tokens apart; absent where its cache is not a plain one. */
    Optional<ElasticModel.Statistics> statistics(CacheLayer layer, RotaryPairs pairs) {
        Optional<ElasticModel.Statistics.Side> key = side(layer, layer.key());
        Optional<ElasticModel.Statistics.Side> value = side(layer, layer.value());
        return key.isPresent() && value.isPresent() ? Optional.of(new ElasticModel.Statistics(key.get(), value.get(), pairs)) : Optional.empty();
    }

    private Optional<ElasticModel.Statistics.Side> side(CacheLayer layer, CacheTensor names) {
        return CacheConcat.find(editor.original(), names.input(), names.output()).map(concat -> {
            editor.input(ValueInfos.tensor(ElasticModel.IMAGE_TOKENS, DataType.FLOAT, "batch", "tokens"));
            editor.input(ValueInfos.tensor(ElasticModel.SAMPLED_TOKENS, DataType.INT64, "sampled"));
            String x = layer.valueBytes() == 4 ? concat.computed() : ops.cast(concat.computed(), DataType.FLOAT);
            String size = ops.call("Abs", x);
            String image = ops.call("Mul", mask(), ElasticModel.IMAGE_TOKENS);
            long channels = (long) layer.kvHeads() * layer.headSize();
            String tokens = ops.reshape(ops.transpose(x, 0L, 2L, 1L, 3L), -1, channels);
            String rows = ops.gather(tokens, ElasticModel.SAMPLED_TOKENS, 0);
            editor.output(ValueInfos.tensor(rows, DataType.FLOAT, "sampled", channels));
            return new ElasticModel.Statistics.Side(largest(layer, size, ops.call("Sub", mask(), image)), largest(layer, size, image), rows);
        });
    }

    private String largest(CacheLayer layer, String size, String mask) {
        String largest = ops.reduce("ReduceMax", ops.call("Mul", size, ops.unsqueeze(mask, 1, 3)), false, 0, 2);
        editor.output(ValueInfos.tensor(largest, DataType.FLOAT, layer.kvHeads(), layer.headSize()));
        return largest;
    }

    private String mask() {
        if (mask == null) {
            boolean given = editor.original().graph().getInputList().stream().anyMatch(i -> i.getName().equals("attention_mask"));
            mask = given ? ops.cast("attention_mask", DataType.FLOAT) : editor.floats(List.of(1L, 1L), 1);
        }
        return mask;
    }
}
