package dev.kogata.onnx.safetensors;

import java.util.Arrays;

/**
 * One tensor of a file, without its values.
 *
 * @param name unique in the file
 * @param shape no dimension negative; empty for a scalar
 */
public record TensorEntry(String name, TensorType type, long... shape) {
    public TensorEntry {
        bytes(type, shape);
    }

    /** Bytes of all elements. */
    public long bytes() {
        return bytes(type, shape);
    }

    private static long bytes(TensorType type, long[] shape) {
        long bytes = type.bytes();
        for (long dimension : shape) {
            if (dimension < 0) {
                throw new IllegalArgumentException("a negative dimension in " + Arrays.toString(shape));
            }
            bytes = Math.multiplyExact(bytes, dimension);
        }
        return bytes;
    }
}
