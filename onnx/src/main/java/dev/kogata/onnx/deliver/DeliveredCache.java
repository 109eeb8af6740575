package dev.kogata.onnx.deliver;

/**
 * How one layer's cache is delivered. Arrays are not copied.
 *
 * @param layer number of the block
 * @param keyBits 2, 3, 4, 6, 8, or 0 for as is
 * @param valueBits the same for values
 * @param keyFactors (heads, channels): what keys are divided by before they are quantized; empty for none
 */
public record DeliveredCache(int layer, int keyBits, int valueBits, float[] keyFactors) {

    /** A cache without key factors. */
    public DeliveredCache(int layer, int keyBits, int valueBits) {
        this(layer, keyBits, valueBits, new float[0]);
    }
}
