package dev.kogata.onnx.bundle;

import dev.kogata.core.prune.Matrix;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Between a weight as stored, {@code [rows, columns]} of some type, and as algorithms see it: (out, in) in float32. */
final class WeightValues {

    private WeightValues() {}

    static Matrix decode(WeightMatrix weight, ByteBuffer stored) {
        int outputs = weight.outputs();
        int inputs = weight.inputs();
        float[] values = new float[Math.multiplyExact(outputs, inputs)];
        for (int row = 0, index = 0; row < weight.rows(); row++) {
            for (int column = 0; column < weight.columns(); column++, index++) {
                int at = weight.outputLast() ? column * inputs + row : index;
                values[at] = weight.type().get(stored, index);
            }
        }
        return new Matrix(outputs, inputs, values);
    }

    static ByteBuffer encode(WeightMatrix weight, Matrix matrix) {
        if (matrix.rows() != weight.outputs() || matrix.columns() != weight.inputs()) {
            throw new IllegalArgumentException("values of (%d, %d) for weight %s of (%d, %d)"
                    .formatted(matrix.rows(), matrix.columns(), weight.id(), weight.outputs(), weight.inputs()));
        }
        ByteBuffer stored = ByteBuffer.allocate(Math.toIntExact(weight.bytes())).order(ByteOrder.LITTLE_ENDIAN);
        float[] values = matrix.values();
        for (int row = 0, index = 0; row < weight.rows(); row++) {
            for (int column = 0; column < weight.columns(); column++, index++) {
                weight.type().put(stored, index, values[weight.outputLast() ? column * weight.inputs() + row : index]);
            }
        }
        return stored;
    }

    static int[] zerosByOutputRow(WeightMatrix weight, ByteBuffer stored) {
        int[] zeros = new int[weight.outputs()];
        boolean any = false;
        for (int row = 0, index = 0; row < weight.rows(); row++) {
            for (int column = 0; column < weight.columns(); column++, index++) {
                float value = weight.type().get(stored, index);
                if (!Float.isFinite(value)) {
                    throw Refusals.notFinite(weight.id(), row, column);
                }
                if (value == 0) {
                    zeros[weight.outputLast() ? column : row]++;
                    any = true;
                }
            }
        }
        return any ? zeros : new int[0];
    }
}
