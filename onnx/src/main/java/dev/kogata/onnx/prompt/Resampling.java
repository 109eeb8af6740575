package dev.kogata.onnx.prompt;

/**
 * Resizes images bit for bit as Pillow does, which trained models' preprocessors use: separable convolution, stretched
 * when shrinking (antialiased), coefficients in 22-bit fixed point, one byte per channel between the two passes. Java's
 * own scaling does not antialias, and other libraries' differ by tens of grey levels.
 */
enum Resampling {
    NEAREST(0), LANCZOS(3), BILINEAR(1), BICUBIC(2), BOX(.5), HAMMING(1);

    private static final int PRECISION = 22;
    private final double support;

    Resampling(double support) {
        this.support = support;
    }

    /** Pillow's number of a filter, as it stands in preprocessor configurations. */
    static Resampling of(int number) {
        return values()[number];
    }

    /**
     * @param image (height, width, channels)
     * @return (toHeight, toWidth, channels)
     */
    byte[] resize(byte[] image, int height, int width, int channels, int toHeight, int toWidth) {
        // Rows first, as Pillow up to 12: the bytes between the passes depend on it. (13 begins with columns where that is cheaper; grey levels then differ by 1.)
        byte[] wide = width == toWidth ? image : pass(image, height, width, channels, toWidth);
        return height == toHeight ? wide : pass(wide, 1, height, toWidth * channels, toHeight);
    }

    /** Resamples the middle dimension of (outer, from, inner). */
    private byte[] pass(byte[] image, int outer, int from, int inner, int to) {
        byte[] out = new byte[outer * to * inner];
        double scale = (double) from / to, stretch = Math.max(scale, 1), reach = support * stretch;
        for (int x = 0; x < to; x++) {
            double centre = (x + .5) * scale;
            int first = this == NEAREST ? (int) centre : Math.max(0, (int) (centre - reach + .5));
            int last = this == NEAREST ? first + 1 : Math.min(from, (int) (centre + reach + .5));
            int[] weights = weights(first, last, centre, stretch);
            for (int o = 0; o < outer; o++) {
                for (int i = 0; i < inner; i++) {
                    int sum = 1 << PRECISION - 1;
                    for (int s = first; s < last; s++) {
                        sum += (image[(o * from + s) * inner + i] & 0xff) * weights[s - first];
                    }
                    out[(o * to + x) * inner + i] = (byte) Math.max(0, Math.min(255, sum >> PRECISION));
                }
            }
        }
        return out;
    }

    private int[] weights(int first, int last, double centre, double stretch) {
        double[] weights = new double[last - first];
        double total = 0;
        for (int s = first; s < last; s++) {
            weights[s - first] = weight((s - centre + .5) * (1 / stretch));
            total += weights[s - first];
        }
        int[] fixed = new int[weights.length];
        for (int s = 0; s < fixed.length; s++) {
            double value = weights[s] * (1 / total) * (1 << PRECISION);
            fixed[s] = (int) (value < 0 ? value - .5 : value + .5);
        }
        return fixed;
    }

    private double weight(double x) {
        double a = Math.abs(x);
        return switch (this) {
            case NEAREST -> 1;
            case BOX -> x > -.5 && x <= .5 ? 1 : 0;
            case BILINEAR -> a < 1 ? 1 - a : 0;
            case HAMMING -> a == 0 ? 1 : a >= 1 ? 0 : sinc(a) * (.54 + .46 * Math.cos(Math.PI * a));
            // Catmull-Rom: Keys' cubic with a = -0.5.
            case BICUBIC -> a < 1 ? (1.5 * a - 2.5) * a * a + 1 : a < 2 ? ((-.5 * a + 2.5) * a - 4) * a + 2 : 0;
            case LANCZOS -> x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0;
        };
    }

    private static double sinc(double x) {
        return x == 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);
    }
}
