package dev.kogata.onnx.deliver;

import dev.kogata.onnx.graph.NativeScales;
import java.util.Optional;

/**
 * How one layer's cache is delivered. Arrays are not copied.
 *
 * @param layer number of the block
 * @param keyBits 2, 3, 4, 6, 8, or 0 for as is
 * @param valueBits the same for values
 * @param keyFactors (heads, channels): what keys are divided by before they are quantized in the portable format; empty for none
 * @param scales of the native format; empty for the portable one
 */
public record DeliveredCache(int layer, int keyBits, int valueBits, float[] keyFactors, Optional<NativeScales> scales) {

    /** A portable cache. */
    public DeliveredCache(int layer, int keyBits, int valueBits, float[] keyFactors) {
        this(layer, keyBits, valueBits, keyFactors, Optional.empty());
    }

    /** A native cache, its keys and values as wide as the scales are for. */
    public DeliveredCache(int layer, NativeScales scales) {
        this(layer, scales.bits(), scales.bits(), new float[0], Optional.of(scales));
    }

    /** A cache without key factors. */
    public DeliveredCache(int layer, int keyBits, int valueBits) {
        this(layer, keyBits, valueBits, new float[0]);
    }
}
