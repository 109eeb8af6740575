package dev.kogata.core.prune;

/** Selection of one value from many by its bits, 16 at a time: two passes, whatever the order and the ties. */
final class KthValue {
    private static final int BUCKETS = 1 << 16;

    private KthValue() {}

    /**
     * The value that would stand at index {@code k} if all were sorted.
     *
     * @param values not negative
     */
    static float of(float[] values, int k) {
        int[] counts = new int[BUCKETS];
        for (float value : values) {
            counts[bits(value) >>> 16]++;
        }
        int high = 0, left = k;
        while (left >= counts[high]) {
            left -= counts[high++];
        }
        counts = new int[BUCKETS];
        for (float value : values) {
            if (bits(value) >>> 16 == high) {
                counts[bits(value) & 0xffff]++;
            }
        }
        int low = 0;
        while (left >= counts[low]) {
            left -= counts[low++];
        }
        return Float.intBitsToFloat(high << 16 | low);
    }

    /** Bits that order as the values do; -0.0 as 0. */
    private static int bits(float value) {
        return Float.floatToRawIntBits(value + 0f);
    }
}
