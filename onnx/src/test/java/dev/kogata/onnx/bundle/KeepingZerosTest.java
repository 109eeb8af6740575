package dev.kogata.onnx.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kogata.core.prune.Matrix;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KeepingZerosTest {
    @ParameterizedTest
    @EnumSource(ValueType.class)
    void whatIsNotZeroStaysSoAsStoredAndZeroStaysZero(ValueType type) {
        WeightMatrix weight = new WeightMatrix("f#w", "w", "f", 0, "q_proj", 2, 4, false, type, Component.Kind.DECODER);
        float[] values = {0f, 1e-9f, -1e-9f, Float.MIN_VALUE, -Float.MIN_NORMAL, 0x1p-25f, 0.75f, -0f};
        Matrix kept = WeightFile.keepingZeros(weight, new Matrix(2, 4, values));
        ByteBuffer stored = WeightValues.encode(weight, kept).order(ByteOrder.LITTLE_ENDIAN);
        for (int k = 0; k < values.length; k++) {
            assertThat(type.get(stored, k) == 0).as("%s as %s", values[k], type).isEqualTo(values[k] == 0);
            assertThat(Math.signum(type.get(stored, k))).isEqualTo(Math.signum(values[k]));
        }
        assertThat(type.get(stored, 6)).isEqualTo(0.75f);
    }
}
