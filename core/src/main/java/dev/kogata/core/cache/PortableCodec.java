package dev.kogata.core.cache;

/**
 * The portable cache format, of one head of one token: asymmetric integers by group of channels (after KIVI,
 * arXiv 2402.02750), scale and minimum rounded to float16 before anything is quantized with them:
 * {@code mn = f16(min x); s = f16((max x - mn) / (2^b - 1)); q = round(clamp((x - mn) / s, 0, 2^b - 1)); x' = q * s + mn},
 * in float32, rounding half to even; a scale of 0 divides as 1. The delivered graph does the same, bit for bit.
 */
public final class PortableCodec {
    private final int channels;
    private final int groupSize;
    private final int bits;

    /**
     * @param channels channels of a head
     * @param groupSize channels that share scale and minimum; divides channels
     * @param bits 2, 3, 4, 6 or 8
     */
    public PortableCodec(int channels, int groupSize, int bits) {
        if (groupSize < 1 || channels % groupSize != 0) {
            throw new IllegalArgumentException("groups of %d in %d channels".formatted(groupSize, channels));
        }
        BitPacking.packedBytes(channels, bits);
        this.channels = channels;
        this.groupSize = groupSize;
        this.bits = bits;
    }

    /**
     * One encoded head.
     *
     * @param codes (channels)
     * @param scales (groups): exact halves
     * @param minima (groups): exact halves
     */
    public record Encoded(int[] codes, float[] scales, float[] minima) {}

    /** @param x values from {@code offset} on, as many as there are channels */
    public Encoded encode(float[] x, int offset) {
        int groups = channels / groupSize, top = (1 << bits) - 1;
        Encoded encoded = new Encoded(new int[channels], new float[groups], new float[groups]);
        for (int g = 0; g < groups; g++) {
            float low = Float.POSITIVE_INFINITY, high = Float.NEGATIVE_INFINITY;
            for (int c = g * groupSize; c < (g + 1) * groupSize; c++) {
                low = Math.min(low, x[offset + c]);
                high = Math.max(high, x[offset + c]);
            }
            float minimum = Half.round(low);
            float scale = Half.round((high - minimum) / top);
            float divisor = scale == 0 ? 1 : scale;
            for (int c = g * groupSize; c < (g + 1) * groupSize; c++) {
                encoded.codes[c] = (int) Math.rint(Math.max(0, Math.min(top, (x[offset + c] - minimum) / divisor)));
            }
            encoded.scales[g] = scale;
            encoded.minima[g] = minimum;
        }
        return encoded;
    }

    /** (channels): the values that codes stand for. */
    public float[] decode(Encoded encoded) {
        float[] x = new float[channels];
        for (int c = 0; c < channels; c++) {
            x[c] = encoded.codes[c] * encoded.scales[c / groupSize] + encoded.minima[c / groupSize];
        }
        return x;
    }
}
