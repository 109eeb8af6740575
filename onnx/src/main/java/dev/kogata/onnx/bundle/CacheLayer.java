package dev.kogata.onnx.bundle;

import dev.kogata.onnx.graph.PlainCaches;
import java.util.List;

/**
 * Key and value cache of one decoder block. Immutable.
 *
 * @param layer number of the block, from 0
 * @param kvHeads heads of the cache
 * @param headSize channels of each head
 * @param valueBytes bytes of one value in the model's own cache
 * @param groupSize channels that share scale and minimum in the portable format; divides headSize
 * @param widths widths in bits of the portable format that can be chosen, 0 for as is; only 0 where this cache cannot be rewritten
 * @param nativeObstacle why GroupQueryAttention cannot keep this cache quantized, as the rest of a sentence; empty where it can
 * @param key names of the key cache in the graph
 * @param value names of the value cache in the graph
 */
public record CacheLayer(
        int layer, int kvHeads, int headSize, int valueBytes, int groupSize, List<Integer> widths, String nativeObstacle, CacheTensor key, CacheTensor value) {

    /** The portable format's widths; each needs its planes to fill whole bytes, which a head size divisible by 8 guarantees. */
    private static final List<Integer> PORTABLE_WIDTHS = List.of(0, 2, 3, 4, 6, 8);

    /** What GroupQueryAttention's quantized caches offer. */
    private static final List<Integer> NATIVE_WIDTHS = List.of(4, 8);

    public CacheLayer {
        widths = List.copyOf(widths);
    }

    /** Number of groups of a head. */
    public int groups() {
        return headSize / groupSize;
    }

    /** Widths, of keys and values alike, that the native format can give this cache; none where it cannot be converted. */
    public List<Integer> nativeWidths() {
        return nativeObstacle.isEmpty() ? NATIVE_WIDTHS : List.of();
    }

    /** Its names, as rewriting takes them. */
    public PlainCaches.Layer names() {
        return new PlainCaches.Layer(key.input(), key.output(), value.input(), value.output(), headSize);
    }

    CacheLayer withNativeObstacle(String why) {
        return new CacheLayer(layer, kvHeads, headSize, valueBytes, groupSize, widths, why, key, value);
    }

    static List<Integer> widthsFor(int headSize, boolean rewritable) {
        return rewritable && headSize % 8 == 0 ? PORTABLE_WIDTHS : List.of(0);
    }

    /** 32 where it divides the head size; the whole head where that is smaller; else the largest multiple of 8 up to 64 that divides it. */
    static int groupSizeFor(int headSize) {
        if (headSize % 32 == 0) {
            return 32;
        }
        if (headSize < 32) {
            return headSize;
        }
        for (int size = 64; size >= 8; size -= 8) {
            if (headSize % size == 0) {
                return size;
            }
        }
        return headSize;
    }
}
