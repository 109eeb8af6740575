package dev.kogata.onnx.graph;

/**
 * Static scales of one layer's cache in the native format. Arrays are not copied.
 *
 * @param bits 8 or 4, of keys and values alike
 * @param key (heads, channels)
 * @param value (heads, channels)
 */
public record NativeScales(int bits, float[] key, float[] value) {
    public NativeScales {
        if (bits != 4 && bits != 8) {
            throw new IllegalArgumentException("a native cache of " + bits + " bits; choose 4 or 8");
        }
        if (key.length != value.length) {
            throw new IllegalArgumentException("%d scales of keys, %d of values".formatted(key.length, value.length));
        }
    }
}
