package dev.kogata.onnx.bundle;

import dev.kogata.core.cache.Half;
import dev.kogata.onnx.format.Onnx.TensorProto.DataType;
import java.nio.ByteBuffer;
import java.util.Optional;

/** The floating-point types that weights and caches come in. Values are little endian, as ONNX stores them. */
public enum ValueType {
    FLOAT32(DataType.FLOAT, 4, "float32"),
    FLOAT16(DataType.FLOAT16, 2, "float16"),
    BFLOAT16(DataType.BFLOAT16, 2, "bfloat16");

    private final DataType onnx;
    private final int bytes;
    private final String label;

    ValueType(DataType onnx, int bytes, String label) {
        this.onnx = onnx;
        this.bytes = bytes;
        this.label = label;
    }

    /** The type with ONNX's number, if it is one of these. */
    public static Optional<ValueType> of(int number) {
        for (ValueType type : values()) {
            if (type.onnx.getNumber() == number) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    /** ONNX's number of this type. */
    public int number() {
        return onnx.getNumber();
    }

    /** Bytes of one value. */
    public int bytes() {
        return bytes;
    }

    /** The name used in reports and contracts. */
    public String label() {
        return label;
    }

    /** Reads the value at {@code index} (counted in values) of a little-endian buffer. */
    float get(ByteBuffer buffer, int index) {
        return switch (this) {
            case FLOAT32 -> buffer.getFloat(4 * index);
            case FLOAT16 -> Half.value(buffer.getShort(2 * index));
            case BFLOAT16 -> Float.intBitsToFloat(buffer.getShort(2 * index) << 16);
        };
    }

    /** Writes the value at {@code index}, rounded to nearest even. A value that is not 0 and too small for the type becomes 0. */
    void put(ByteBuffer buffer, int index, float value) {
        switch (this) {
            case FLOAT32 -> buffer.putFloat(4 * index, value);
            case FLOAT16 -> buffer.putShort(2 * index, Half.bits(value));
            case BFLOAT16 -> buffer.putShort(2 * index, bfloatBits(value));
        }
    }

    /** The value itself, or where it is not 0 and the type would make it 0, the type's smallest value of its sign. */
    float kept(float value) {
        float smallest = switch (this) {
            case FLOAT32 -> Float.MIN_VALUE;
            case FLOAT16 -> 0x1p-24f;
            case BFLOAT16 -> 0x1p-133f;
        };
        return value != 0 && Math.abs(value) < smallest ? Math.copySign(smallest, value) : value;
    }

    /** Round half to even; a NaN stays a NaN. */
    private static short bfloatBits(float value) {
        int bits = Float.floatToRawIntBits(value);
        if ((bits & 0x7fffffff) > 0x7f800000) {
            return (short) ((bits >>> 16) | 0x40);
        }
        return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
    }
}
