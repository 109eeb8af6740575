package dev.kogata.core.cache;

/** IEEE 754 binary16, which Java 17 has no type for: rounding to nearest even, as ONNX's Cast does. */
public final class Half {
    /** Largest finite value. */
    public static final float MAX = 65504f;

    private Half() {}

    /** The nearest half's bits; a float beyond the range becomes infinity, NaN stays NaN. */
    public static short bits(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = bits >>> 16 & 0x8000;
        int magnitude = bits & 0x7fffffff;
        if (magnitude >= 0x47800000) {   // at least 65536: infinity, or NaN, whose quiet bit is set
            return (short) (sign | (magnitude > 0x7f800000 ? 0x7e00 : 0x7c00));
        }
        if (magnitude < 0x38800000) {    // below 2^-14: a multiple of 2^-24; adding 0.5 lets the hardware round it
            float shifted = Float.intBitsToFloat(magnitude) + 0.5f;
            return (short) (sign | Float.floatToRawIntBits(shifted) - 0x3f000000);
        }
        int rounded = magnitude + 0xfff + (magnitude >>> 13 & 1);
        return (short) (sign | rounded - 0x38000000 >>> 13);
    }

    /** The value of a half's bits. */
    public static float value(short half) {
        int sign = (half & 0x8000) << 16;
        int exponent = half >>> 10 & 0x1f;
        int fraction = half & 0x3ff;
        if (exponent == 0x1f) {
            return Float.intBitsToFloat(sign | 0x7f800000 | fraction << 13);
        }
        if (exponent == 0) {
            float magnitude = fraction * 0x1p-24f;
            return sign == 0 ? magnitude : -magnitude;
        }
        return Float.intBitsToFloat(sign | exponent + 112 << 23 | fraction << 13);
    }

    /** The nearest half, within the finite range. */
    public static float round(float value) {
        return value(bits(Math.max(-MAX, Math.min(MAX, value))));
    }
}
