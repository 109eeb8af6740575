package dev.kogata.onnx.elastic;

import com.google.protobuf.ByteString;
import dev.kogata.onnx.bundle.BankFile;
import dev.kogata.onnx.bundle.WeightMatrix;
import dev.kogata.onnx.format.Onnx.TensorProto;
import dev.kogata.onnx.format.Onnx.TensorProto.DataType;
import dev.kogata.onnx.graph.GraphEditor;
import dev.kogata.onnx.graph.Operators;
import dev.kogata.onnx.graph.TensorFile;
import dev.kogata.onnx.graph.ValueInfos;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/**
 * Adds the elastic forms of weights. Level maps: {@code W_eff = Where(levels > threshold of the output row, W, 0)}, thresholds
 * being one input for all weights. Banks: {@code W_eff = Gather(bank, row of each output row)}, transposed where the graph has
 * outputs last, so that any row can come from any version; the rows are one input for all weights.
 */
final class ElasticWeights {
    private final GraphEditor editor;

    ElasticWeights(GraphEditor editor) {
        this.editor = editor;
    }

    void add(List<WeightMatrix> weights, Map<String, ByteBuffer> levels, TensorFile data) throws IOException {
        if (weights.isEmpty()) {
            return;
        }
        Operators ops = new Operators(editor, "kogata.elastic");
        long rows = weights.stream().mapToLong(WeightMatrix::outputs).sum();
        editor.input(ValueInfos.tensor(ElasticModel.THRESHOLDS, DataType.UINT8, rows));
        List<String> thresholds = ops.split(ElasticModel.THRESHOLDS, 0, weights.stream().mapToLong(WeightMatrix::outputs).toArray());
        for (int i = 0; i < weights.size(); i++) {
            WeightMatrix weight = weights.get(i);
            ByteBuffer values = levels.get(weight.id());
            if (values.remaining() != (long) weight.rows() * weight.columns()) {
                throw new IllegalArgumentException("%d levels for weight %s of %d x %d"
                        .formatted(values.remaining(), weight.id(), weight.rows(), weight.columns()));
            }
            String name = editor.fresh("kogata.levels." + i);
            editor.initializer(data.append(name, DataType.UINT8_VALUE, List.of((long) weight.rows(), (long) weight.columns()), values));
            String threshold = weight.outputLast() ? thresholds.get(i) : ops.unsqueeze(thresholds.get(i), 1);
            editor.redirect(weight.name(), ops.call("Where", ops.call("Greater", name, threshold), weight.name(), zero(weight)));
        }
    }

    /** @param location of the bank's file, which is to lie beside the graph */
    void addBank(List<WeightMatrix> weights, BankFile bank, String location) throws IOException {
        if (weights.isEmpty()) {
            return;
        }
        Operators ops = new Operators(editor, "kogata.elastic");
        editor.input(ValueInfos.tensor(ElasticModel.ROWS, DataType.INT32, weights.stream().mapToLong(WeightMatrix::outputs).sum()));
        List<String> rows = ops.split(ElasticModel.ROWS, 0, weights.stream().mapToLong(WeightMatrix::outputs).toArray());
        for (int i = 0; i < weights.size(); i++) {
            WeightMatrix weight = weights.get(i);
            String name = editor.fresh("kogata.bank." + i);
            long all = Math.multiplyExact(weight.outputs(), bank.grid().versions());   // its rows are counted in int32
            editor.initializer(TensorFile.external(name, weight.type().number(), List.of(all, (long) weight.inputs()), location,
                    bank.offset(weight), weight.bytes() * bank.grid().versions()));
            String chosen = ops.gather(name, rows.get(i), 0);
            editor.redirect(weight.name(), weight.outputLast() ? ops.call("Transpose", chosen) : chosen);
        }
    }

    private String zero(WeightMatrix weight) {
        String name = "kogata.zero." + weight.dataType();
        editor.initializer(TensorProto.newBuilder().setName(name).setDataType(weight.type().number())
                .setRawData(ByteString.copyFrom(new byte[weight.valueBytes()])).build());
        return name;
    }
}
