package dev.kogata.core.budget;

import java.util.Comparator;
import java.util.List;

/**
 * What the bytes of one layer's key and value cache depend on. Immutable.
 *
 * @param layer number of the layer, from 0
 * @param kvHeads heads of the cache
 * @param headSize channels of each head
 * @param valueBytes bytes of one value in the model's own cache
 * @param groupSize channels that share scale and minimum; divides {@code headSize}
 * @param widths widths in bits that can be chosen, 0 for as is, narrowest (in bytes) first, whatever the order they came in;
 *        a width that saves nothing against as is is dropped
 */
public record CacheShape(int layer, int kvHeads, int headSize, int valueBytes, int groupSize, List<Integer> widths) {

    /** The width that stands for "as in the original model". */
    public static final int AS_IS = 0;

    /** Throws {@link IllegalArgumentException} where the numbers contradict each other. */
    public CacheShape {
        if (kvHeads < 1 || headSize < 1 || valueBytes < 1 || groupSize < 1 || headSize % groupSize != 0) {
            throw new IllegalArgumentException("cache of layer %d: %d heads of %d channels of %d bytes in groups of %d"
                    .formatted(layer, kvHeads, headSize, valueBytes, groupSize));
        }
        if (widths.isEmpty()) {
            throw new IllegalArgumentException("cache of layer %d: no width offered".formatted(layer));
        }
        for (int bits : widths) {
            if (bits < 0 || (long) bits * headSize % 8 != 0) {
                throw new IllegalArgumentException("cache of layer %d: %d channels of %d bits fill no whole bytes".formatted(layer, headSize, bits));
            }
        }
        long asIs = widths.contains(AS_IS) ? tokenBytes(AS_IS, headSize, valueBytes, groupSize) : Long.MAX_VALUE;
        widths = widths.stream().distinct()
                .filter(bits -> bits == AS_IS || tokenBytes(bits, headSize, valueBytes, groupSize) < asIs)
                .sorted(Comparator.comparingLong(bits -> tokenBytes(bits, headSize, valueBytes, groupSize)))
                .toList();
    }

    /** Bytes of the keys (or of the values) of this layer at a workload. */
    public long sideBytes(int bits, Workload workload) {
        return Math.multiplyExact(Math.multiplyExact(workload.tokens(), kvHeads), tokenBytes(bits, headSize, valueBytes, groupSize));
    }

    /** The narrowest offered width of at least this many bits; as is, or else the widest, where none is wide enough. */
    public int offered(int wished) {
        int widest = widths.get(widths.size() - 1);
        if (wished == AS_IS) {
            return widest;
        }
        return widths.stream().filter(bits -> bits != AS_IS && bits >= wished).min(Comparator.naturalOrder()).orElse(widest);
    }

    private static long tokenBytes(int bits, int headSize, int valueBytes, int groupSize) {
        // Portable format: the packed channels, then a float16 scale and a float16 minimum per group.
        return bits == AS_IS ? (long) headSize * valueBytes : (long) headSize * bits / 8 + 4L * (headSize / groupSize);
    }
}
