package dev.kogata.core.cache;

import java.util.Arrays;

/**
 * Symmetric integers with a scale fixed at calibration, as ONNX Runtime's {@code GroupQueryAttention} stores a cache:
 * {@code q = clamp(round(x * (1 / s)), -qmax - 1, qmax), s = threshold / qmax}, qmax being 127 (int8) or 7 (int4), rounding half to
 * even. ONNX Runtime multiplies by the reciprocal, so this does too: next to the middle between two codes it decides which one.
 */
public enum StaticScale {
    /** The largest magnitude seen. */
    MIN_MAX {
        @Override
        float threshold(float[] ascending, int bits) {
            return ascending[ascending.length - 1];
        }
    },
    /** The magnitude that 99.9 % stay below: rare outliers are clipped. */
    PERCENTILE {
        @Override
        float threshold(float[] ascending, int bits) {
            return ascending[(int) Math.ceil(0.999 * ascending.length) - 1];
        }
    },
    /** The clipping, of 64 tried down to a fifth of the largest magnitude, with the least mean square error. */
    MEAN_SQUARE_ERROR {
        @Override
        float threshold(float[] ascending, int bits) {
            float largest = ascending[ascending.length - 1], best = largest;
            double least = Double.POSITIVE_INFINITY;
            for (int n = 64; n > 12; n--) {
                float threshold = largest * n / 64;
                float scale = scale(threshold, bits);
                double error = 0;
                for (float x : ascending) {
                    double off = x - (double) code(x, scale, bits) * scale;
                    error += off * off;
                }
                if (error < least) {
                    least = error;
                    best = threshold;
                }
            }
            return best;
        }
    };

    /**
     * @param ascending magnitudes, at least one, sorted
     * @return the magnitude that the highest code stands for
     */
    abstract float threshold(float[] ascending, int bits);

    /**
     * The scale of one tensor or channel.
     *
     * @param x calibration values, finite
     * @param bits 8 or 4
     * @return positive; 1 where all values are 0
     */
    public float calibrate(float[] x, int bits) {
        float[] magnitudes = new float[x.length];
        for (int k = 0; k < x.length; k++) {
            magnitudes[k] = Math.abs(x[k]);
            if (!Float.isFinite(magnitudes[k])) {
                throw new IllegalArgumentException("a calibration value of " + x[k]);
            }
        }
        Arrays.sort(magnitudes);
        return x.length == 0 ? 1 : scale(threshold(magnitudes, bits), bits);
    }

    /**
     * Keys of contexts longer than any calibrated one are the same pairs turned further: both channels of a rotary pair
     * can grow to {@code sqrt(k_i^2 + k_j^2)}.
     *
     * @param keys (tokens, channels) of one head, after rotary embedding
     * @param neighbours whether pairs are channels 2i and 2i + 1; else i and i + channels / 2
     * @return (tokens, channels): the envelope in place of both channels of each pair
     */
    public static float[] rotaryEnvelope(float[] keys, int channels, boolean neighbours) {
        if (channels < 2 || channels % 2 != 0 || keys.length % channels != 0) {
            throw new IllegalArgumentException("%d key values for heads of %d channels".formatted(keys.length, channels));
        }
        float[] envelope = new float[keys.length];
        int pairs = channels / 2;
        for (int token = 0; token < keys.length; token += channels) {
            for (int pair = 0; pair < pairs; pair++) {
                int i = token + (neighbours ? 2 * pair : pair), j = neighbours ? i + 1 : i + pairs;
                envelope[i] = envelope[j] = (float) Math.hypot(keys[i], keys[j]);
            }
        }
        return envelope;
    }

    /**
     * The scales of all channels.
     *
     * @param rows (rows, channels): a sample of what was seen
     * @param maxima (channels): the largest magnitude of all that was seen, which {@link #MIN_MAX} takes
     * @return (channels): positive
     */
    public float[] calibrate(float[] rows, float[] maxima, int bits) {
        int channels = maxima.length;
        if (channels == 0 || rows.length % channels != 0) {
            throw new IllegalArgumentException("%d values of %d channels".formatted(rows.length, channels));
        }
        float[] scales = new float[channels];
        float[] column = new float[rows.length / channels];
        for (int c = 0; c < channels; c++) {
            for (int row = 0; row < column.length; row++) {
                column[row] = rows[row * channels + c];
            }
            boolean all = this == MIN_MAX || column.length == 0;
            scales[c] = all ? calibrate(new float[] {maxima[c]}, bits) : calibrate(column, bits);
        }
        return scales;
    }

    /** The code of a value: int8, or int4 from -8 to 7. */
    public static int code(float x, float scale, int bits) {
        int top = top(bits);
        return (int) Math.rint(Math.max(-top - 1, Math.min(top, x * (1 / scale))));
    }

    /** Codes of 4 bits as bytes, stored as q + 8, the even channel in the low nibble. */
    public static byte[] packNibbles(int[] codes) {
        byte[] packed = new byte[(codes.length + 1) / 2];
        for (int c = 0; c < codes.length; c++) {
            packed[c / 2] |= (byte) (codes[c] + 8 << 4 * (c % 2));
        }
        return packed;
    }

    private static float scale(float threshold, int bits) {
        float scale = threshold / top(bits);
        return scale > 0 ? scale : 1;   // also where a denormal threshold leaves nothing
    }

    private static int top(int bits) {
        return switch (bits) {
            case 8 -> 127;
            case 4 -> 7;
            default -> throw new IllegalArgumentException("static scales for " + bits + " bits; choose 4 or 8");
        };
    }
}
