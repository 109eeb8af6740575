package dev.kogata.core.budget;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What the bytes of one layer's key and value cache depend on, and what a plan can choose for it. Immutable.
 *
 * <p>A portable side takes its packed channels and a float16 scale and minimum for each group, for every token and head; keys
 * and values are chosen apart. A native layer takes its packed channels alone, keys and values of one width, and once for the
 * whole layer a float32 scale for each head and channel of both. Where both formats have a pair of widths, the one that takes
 * fewer bytes at the workload stands for it, and native where they take the same.
 *
 * @param layer number of the layer, from 0
 * @param kvHeads heads of the cache
 * @param headSize channels of each head
 * @param valueBytes bytes of one value in the model's own cache
 * @param groupSize channels that share scale and minimum; divides {@code headSize}
 * @param widths widths in bits that the portable format offers, 0 for as is, narrowest (in bytes) first, whatever the order they
 *        came in; a width that saves nothing against as is is dropped
 * @param nativeWidths widths in bits that the native format offers, narrowest first; may be none
 */
public record CacheShape(int layer, int kvHeads, int headSize, int valueBytes, int groupSize, List<Integer> widths, List<Integer> nativeWidths) {

    /** The width that stands for "as in the original model". */
    public static final int AS_IS = 0;

    /** How a layer's cache is kept. */
    public enum Format {
        /** As in the original model. */
        AS_IS,
        /** Scale and minimum for each token, head and group. */
        PORTABLE,
        /** Static scales. */
        NATIVE
    }

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
        for (int bits : nativeWidths) {
            if (bits != 4 && bits != 8 || (long) bits * headSize % 8 != 0) {
                throw new IllegalArgumentException("native cache of layer %d: %d bits of %d channels".formatted(layer, bits, headSize));
            }
        }
        long asIs = widths.contains(AS_IS) ? tokenBytes(AS_IS, headSize, valueBytes, groupSize) : Long.MAX_VALUE;
        widths = widths.stream().distinct()
                .filter(bits -> bits == AS_IS || tokenBytes(bits, headSize, valueBytes, groupSize) < asIs)
                .sorted(Comparator.comparingLong(bits -> tokenBytes(bits, headSize, valueBytes, groupSize)))
                .toList();
        nativeWidths = nativeWidths.stream().distinct().filter(bits -> bits < 8 * valueBytes).sorted().toList();
    }

    /** A cache that the native format cannot keep, or need not. */
    public CacheShape(int layer, int kvHeads, int headSize, int valueBytes, int groupSize, List<Integer> widths) {
        this(layer, kvHeads, headSize, valueBytes, groupSize, widths, List.of());
    }

    /** Bytes of the keys (or of the values) of this layer at a workload, as they are or portable. */
    public long sideBytes(int bits, Workload workload) {
        return Math.multiplyExact(Math.multiplyExact(workload.tokens(), kvHeads), tokenBytes(bits, headSize, valueBytes, groupSize));
    }

    /** Bytes of the keys and values of this layer at a workload, in the format of that pair of widths. */
    public long bytes(int keyBits, int valueBits, Workload workload) {
        return format(keyBits, valueBits, workload) == Format.NATIVE ? nativeBytes(keyBits, workload) : portableBytes(keyBits, valueBits, workload);
    }

    /** Which format stands for a pair of widths. */
    public Format format(int keyBits, int valueBits, Workload workload) {
        if (keyBits == AS_IS && valueBits == AS_IS) {
            return Format.AS_IS;
        }
        boolean convertible = keyBits == valueBits && nativeWidths.contains(keyBits);
        boolean portable = widths.contains(keyBits) && widths.contains(valueBits);
        return convertible && (!portable || nativeBytes(keyBits, workload) <= portableBytes(keyBits, valueBits, workload)) ? Format.NATIVE : Format.PORTABLE;
    }

    /** Whether keys and values can only have the same width. */
    public boolean paired() {
        return !nativeWidths.isEmpty() && widths.equals(List.of(AS_IS));
    }

    /** All widths that a side can have, narrowest (in bits) first, as is last. */
    public List<Integer> sideWidths() {
        if (nativeWidths.isEmpty()) {
            return widths;
        }
        List<Integer> all = new ArrayList<>(widths);
        nativeWidths.stream().filter(bits -> !all.contains(bits)).forEach(all::add);
        all.sort(Comparator.comparingInt(bits -> bits == AS_IS ? Integer.MAX_VALUE : bits));
        return List.copyOf(all);
    }

    private long portableBytes(int keyBits, int valueBits, Workload workload) {
        return sideBytes(keyBits, workload) + sideBytes(valueBits, workload);
    }

    /** Codes of keys and values; and a float32 scale for each head and channel of both, once. */
    private long nativeBytes(int bits, Workload workload) {
        return Math.addExact(Math.multiplyExact(Math.multiplyExact(workload.tokens(), kvHeads), 2L * headSize * bits / 8), 2L * Float.BYTES * kvHeads * headSize);
    }

    private static long tokenBytes(int bits, int headSize, int valueBytes, int groupSize) {
        // Portable format: the packed channels, then a float16 scale and a float16 minimum per group.
        return bits == AS_IS ? (long) headSize * valueBytes : (long) headSize * bits / 8 + 4L * (headSize / groupSize);
    }
}
