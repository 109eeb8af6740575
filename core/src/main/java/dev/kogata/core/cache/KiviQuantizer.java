package dev.kogata.core.cache;

import java.util.Arrays;

/**
 * KIVI (arXiv 2402.02750): asymmetric integers by group. Keys have outlier channels, so groups run over consecutive
 * tokens of one channel; values have none, so groups run over consecutive channels of one token. In float32, as the original:
 * {@code s = (mx - mn) / (2^b - 1); q = round(clamp((x - mn) / s, 0, 2^b - 1)); x' = q * s + mn}. Where a group is constant,
 * which the original divides by zero for, all its codes are 0. Safe for use by several threads.
 *
 * @param bits of a code, 1 to 16
 * @param groupSize elements that share scale and minimum
 */
public record KiviQuantizer(int bits, int groupSize) {
    public KiviQuantizer {
        if (bits < 1 || bits > 16 || groupSize < 1) {
            throw new IllegalArgumentException("codes of %d bits in groups of %d; bits go from 1 to 16, groups from 1".formatted(bits, groupSize));
        }
    }

    /**
     * Quantized keys or values.
     *
     * @param codes (heads, tokens, channels)
     * @param scales keys: (heads, tokens / groupSize, channels); values: (heads, tokens, channels / groupSize)
     * @param minima as scales
     */
    public record Quantized(int[] codes, float[] scales, float[] minima) {}

    /**
     * Quantizes keys. Tokens that fill no group stay unquantized in KIVI, and so do the newest 128: leave them out.
     *
     * @param x (heads, tokens, channels), heads of all batch entries, after rotary embedding
     */
    public Quantized keys(float[] x, int tokens, int channels) {
        return quantize(x, tokens, channels, true);
    }

    /** Quantizes values; the arguments are those of {@link #keys}. */
    public Quantized values(float[] x, int tokens, int channels) {
        return quantize(x, tokens, channels, false);
    }

    /** Reverses {@link #keys} as far as the codes allow: (heads, tokens, channels). */
    public float[] decodeKeys(Quantized keys, int tokens, int channels) {
        return decode(keys, tokens, channels, true);
    }

    /** Reverses {@link #values} as far as the codes allow: (heads, tokens, channels). */
    public float[] decodeValues(Quantized values, int tokens, int channels) {
        return decode(values, tokens, channels, false);
    }

    private Quantized quantize(float[] x, int tokens, int channels, boolean alongTokens) {
        checkShape(x.length, tokens, channels, alongTokens);
        int groups = x.length / groupSize;
        float[] low = new float[groups], scale = new float[groups];
        Arrays.fill(low, Float.POSITIVE_INFINITY);
        Arrays.fill(scale, Float.NEGATIVE_INFINITY);   // holds the maximum first
        for (int k = 0; k < x.length; k++) {
            int g = group(k, channels, alongTokens);
            low[g] = Math.min(low[g], x[k]);
            scale[g] = Math.max(scale[g], x[k]);
        }
        int top = (1 << bits) - 1;
        for (int g = 0; g < groups; g++) {
            scale[g] = (scale[g] - low[g]) / top;
        }
        int[] codes = new int[x.length];
        for (int k = 0; k < x.length; k++) {
            int g = group(k, channels, alongTokens);
            float q = scale[g] == 0 ? 0 : (x[k] - low[g]) / scale[g];
            codes[k] = (int) Math.rint(Math.max(0, Math.min(top, q)));
        }
        return new Quantized(codes, scale, low);
    }

    private float[] decode(Quantized quantized, int tokens, int channels, boolean alongTokens) {
        checkShape(quantized.codes.length, tokens, channels, alongTokens);
        float[] x = new float[quantized.codes.length];
        for (int k = 0; k < x.length; k++) {
            int g = group(k, channels, alongTokens);
            x[k] = quantized.codes[k] * quantized.scales[g] + quantized.minima[g];
        }
        return x;
    }

    /** Group of an element. Groups of a head never cross into the next: whole groups fill the tokens, or the channels. */
    private int group(int k, int channels, boolean alongTokens) {
        return alongTokens ? k / channels / groupSize * channels + k % channels : k / groupSize;
    }

    private void checkShape(int elements, int tokens, int channels, boolean alongTokens) {
        if (tokens < 1 || channels < 1 || elements % (tokens * channels) != 0 || (alongTokens ? tokens : channels) % groupSize != 0) {
            throw new IllegalArgumentException("%d elements of %d tokens x %d channels in groups of %d %s".formatted(
                    elements, tokens, channels, groupSize, alongTokens ? "tokens" : "channels"));
        }
    }
}
