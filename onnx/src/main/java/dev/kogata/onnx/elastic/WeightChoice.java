package dev.kogata.onnx.elastic;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import dev.kogata.core.budget.ElasticPlan;
import dev.kogata.core.budget.WeightStep;
import dev.kogata.onnx.bundle.WeightMatrix;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A plan's weights as the graph takes them. Immutable.
 *
 * @param input the graph's input
 * @param form what it says of each output row: the threshold of its levels, or its row in the bank
 * @param rows (output rows of all elastic weights)
 */
record WeightChoice(String input, ElasticModel.Form form, int[] rows) {
    private static final int LAST_LEVEL_STEP = 254;

    /** Refuses a plan that the model's elastic weights cannot follow. */
    static WeightChoice of(ElasticModel model, ElasticPlan plan) {
        if (plan.weights().size() != model.weights().size()) {
            throw new IllegalArgumentException("a plan for %d weights, the model has %d".formatted(plan.weights().size(), model.weights().size()));
        }
        boolean bank = model.form() == ElasticModel.Form.BANK;
        int last = bank ? model.versions() - 1 : LAST_LEVEL_STEP;
        int[] rows = new int[model.elasticWeights().stream().mapToInt(WeightMatrix::outputs).sum()];
        int at = 0;
        for (int i = 0; i < plan.weights().size(); i++) {
            WeightMatrix weight = model.weights().get(i);
            WeightStep step = plan.weights().get(i);
            if (!model.elasticWeights().contains(weight)) {
                if (step.position(weight.outputs()) != 0 && weight.file().equals(model.part())) {
                    throw new IllegalArgumentException("weight %s has no level map and cannot be pruned".formatted(weight.id()));
                }
                continue;
            }
            if (step.step() > last || step.rowsAtNextStep() > weight.outputs() || step.step() == last && step.rowsAtNextStep() > 0) {
                throw new IllegalArgumentException("step %d with %d rows at the next for weight %s".formatted(step.step(), step.rowsAtNextStep(), weight.id()));
            }
            Arrays.fill(rows, at, at + step.rowsAtNextStep(), step.step() + 1);
            Arrays.fill(rows, at + step.rowsAtNextStep(), at + weight.outputs(), step.step());
            for (int row = 0; bank && row < weight.outputs(); row++) {
                rows[at + row] = rows[at + row] * weight.outputs() + row;
            }
            at += weight.outputs();
        }
        return new WeightChoice(bank ? ElasticModel.ROWS : ElasticModel.THRESHOLDS, model.form(), rows);
    }

    /** The input's values; the caller closes them. */
    OnnxTensor tensor(OrtEnvironment environment) throws OrtException {
        long[] shape = {rows.length};
        if (form == ElasticModel.Form.BANK) {
            ByteBuffer bytes = ByteBuffer.allocateDirect(Integer.BYTES * rows.length).order(ByteOrder.nativeOrder());
            return OnnxTensor.createTensor(environment, bytes.asIntBuffer().put(rows).flip(), shape);
        }
        ByteBuffer bytes = ByteBuffer.allocateDirect(rows.length);
        for (int row : rows) {
            bytes.put((byte) row);
        }
        return OnnxTensor.createTensor(environment, bytes.flip(), shape, OnnxJavaType.UINT8);
    }
}
