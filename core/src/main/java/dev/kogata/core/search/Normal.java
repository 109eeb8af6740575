package dev.kogata.core.search;

import java.util.SplittableRandom;

/**
 * The standard normal distribution where it is hard: logarithms of masses far out in the tails. The same bits on every platform
 * (only {@link StrictMath} and basic arithmetic).
 *
 * <p>The complementary error function follows Sun's fdlibm ({@code s_erf.c}, error below one unit in the last place).
 */
final class Normal {

    static final double LOG_SQRT_2_PI = 0.9189385332046727418;
    static final double INVERSE_SQRT_2_PI = 0.3989422804014326779;
    private static final double SQRT_HALF = 0.7071067811865475244;
    /** Beyond this many sigmas a tail weighs less than the last bit of 1. */
    private static final double NO_TAIL = 8.3;

    private static final double ERX = 8.45062911510467529297e-01;
    private static final double[] PP = {1.28379167095512558561e-01, -3.25042107247001499370e-01, -2.84817495755985104766e-02,
        -5.77027029648944159157e-03, -2.37630166566501626084e-05};
    private static final double[] QQ = {1, 3.97917223959155352819e-01, 6.50222499887672944485e-02, 5.08130628187576562776e-03,
        1.32494738004321644526e-04, -3.96022827877536812320e-06};
    private static final double[] PA = {-2.36211856075265944077e-03, 4.14856118683748331666e-01, -3.72207876035701323847e-01,
        3.18346619901161753674e-01, -1.10894694282396677476e-01, 3.54783043256182359371e-02, -2.16637559486879084300e-03};
    private static final double[] QA = {1, 1.06420880400844228286e-01, 5.40397917702171048937e-01, 7.18286544141962662868e-02,
        1.26171219808761642112e-01, 1.36370839120290507362e-02, 1.19844998467991074170e-02};
    private static final double[] RA = {-9.86494403484714822705e-03, -6.93858572707181764372e-01, -1.05586262253232909814e+01,
        -6.23753324503260060396e+01, -1.62396669462573470355e+02, -1.84605092906711035994e+02, -8.12874355063065934246e+01,
        -9.81432934416914548592e+00};
    private static final double[] SA = {1, 1.96512716674392571292e+01, 1.37657754143519042600e+02, 4.34565877475229228821e+02,
        6.45387271733267880336e+02, 4.29008140027567833386e+02, 1.08635005541779435134e+02, 6.57024977031928170135e+00,
        -6.04244152148580987438e-02};
    private static final double[] RB = {-9.86494292470009928597e-03, -7.99283237680523006574e-01, -1.77579549177547519889e+01,
        -1.60636384855821916062e+02, -6.37566443368389627722e+02, -1.02509513161107724954e+03, -4.83519191608651397019e+02};
    private static final double[] SB = {1, 3.03380607434824582924e+01, 3.25792512996573918826e+02, 1.53672958608443695994e+03,
        3.19985821950859553908e+03, 2.55305040643316442583e+03, 4.74528541206955367215e+02, -2.24409524465858183362e+01};

    /** Parts of an octave in the table of powers. */
    private static final int OCTAVE = 10;
    private static final int PARTS = 1 << OCTAVE;
    /** Added to a double it leaves the nearest whole number in the last bits, in two's complement. */
    private static final double ROUNDING = 0x1.8p52;
    private static final double PARTS_OF_LN_2 = 1477.3197218702985;
    private static final double LN_2_BY_PARTS = 6.769015435155716e-4;
    /** 2^(i / PARTS), as bits, to which an octave is added in the exponent. */
    private static final long[] POWERS = new long[PARTS];

    static {
        for (int i = 0; i < POWERS.length; i++) {
            POWERS[i] = Double.doubleToRawLongBits(StrictMath.pow(2, (double) i / PARTS));
        }
    }

    private Normal() {
    }

    /** {@code log(Phi(b) - Phi(a))} for a &lt;= b, exact far out in either tail. */
    static double logMass(double a, double b) {
        if (a > 0) {
            return logMass(-b, -a);
        }
        if (b > 0) {
            double outside = (a < -NO_TAIL ? 0 : cdf(a)) + (b > NO_TAIL ? 0 : cdf(-b));
            return outside == 0 ? 0 : StrictMath.log1p(-outside);
        }
        double logB = logCdf(b);
        double ratio = StrictMath.exp(logCdf(a) - logB);
        return logB + StrictMath.log1p(-ratio);
    }

    /** {@code Phi(b) - Phi(a)} for a &lt;= b. */
    static double mass(double a, double b) {
        return a > 0 ? cdf(-a) - cdf(-b) : b < 0 ? cdf(b) - cdf(a) : 1 - cdf(a) - cdf(-b);
    }

    /** {@code 1 - Phi(z)} for z at least 0 to 13 digits, as far as it can be told from 0 beside 1; several times as fast as {@link #cdf}. */
    static double tail(double z) {
        double x = z * SQRT_HALF;
        if (x < 1.25) {
            return 0.5 * erfc(x);
        }
        return z > NO_TAIL ? 0 : 0.5 / x * exp(-x * x - 0.5625 + tailRatio(x));
    }

    /** {@code Phi(z)}. */
    static double cdf(double z) {
        return 0.5 * erfc(-z * SQRT_HALF);
    }

    /** {@code log Phi(z)}. */
    static double logCdf(double z) {
        if (z > -20) {
            return StrictMath.log(cdf(z));
        }
        if (z == Double.NEGATIVE_INFINITY) {
            return z;
        }
        // Phi(z) = phi(z)/|z| * (1 - 1/z^2 + 3/z^4 - 15/z^6 + ...): past 20 sigmas ten terms are exact.
        double inverseSquare = 1 / (z * z);
        double term = 1;
        double sum = 1;
        for (int i = 1; i <= 10; i++) {
            term *= -(2 * i - 1) * inverseSquare;
            sum += term;
        }
        return -0.5 * z * z - LOG_SQRT_2_PI - StrictMath.log(-z) + StrictMath.log(sum);
    }

    /**
     * {@code exp(x)} for x in [-700, 0], to 14 digits down to -40 and 12 beyond, several times as fast as {@link StrictMath#exp}: mixtures sum it over all
     * observations.
     */
    static double exp(double x) {
        double shifted = x * PARTS_OF_LN_2 + ROUNDING;
        double k = shifted - ROUNDING;
        long bits = Double.doubleToRawLongBits(shifted);
        double r = x - k * LN_2_BY_PARTS; // at most ln(2) / 2048, so that its fourth power counts for nothing
        double p = 1 + r * (1 + r * (0.5 + r * (1 / 6.0)));
        return p * Double.longBitsToDouble(POWERS[(int) bits & PARTS - 1] + ((bits & -PARTS) << 52 - OCTAVE));
    }

    /** A draw from the normal of this mean and deviation, cut to [low, high]; the mean must lie inside, the deviation be at most the range. */
    static double truncated(SplittableRandom random, double mean, double deviation, double low, double high) {
        // At least a third of all draws lie inside, so that drawing again is cheap.
        while (true) {
            double u = 2 * random.nextDouble() - 1;
            double v = 2 * random.nextDouble() - 1;
            double s = u * u + v * v;
            if (s >= 1 || s == 0) {
                continue;
            }
            double scale = Math.sqrt(-2 * StrictMath.log(s) / s);
            double first = mean + deviation * u * scale;
            if (first >= low && first <= high) {
                return first;
            }
            double second = mean + deviation * v * scale;
            if (second >= low && second <= high) {
                return second;
            }
        }
    }

    /** {@code 1 - erf(x)}. */
    static double erfc(double x) {
        double size = Math.abs(x);
        if (size < 0.84375) {
            double z = x * x;
            return 1 - (x + x * (polynomial(PP, z) / polynomial(QQ, z)));
        }
        if (size < 1.25) {
            double s = size - 1;
            double p = polynomial(PA, s) / polynomial(QA, s);
            return x >= 0 ? 1 - ERX - p : 1 + (ERX + p);
        }
        if (size < 28) {
            if (x < -6) {
                return 2;
            }
            double ratio = tailRatio(size);
            // x^2 split into an exact square and a rest, so that exp keeps its last bits.
            double z = Double.longBitsToDouble(Double.doubleToRawLongBits(size) & 0xFFFFFFFF00000000L);
            double tail = StrictMath.exp(-z * z - 0.5625) * StrictMath.exp((z - size) * (z + size) + ratio) / size;
            return x > 0 ? tail : 2 - tail;
        }
        return x > 0 ? 0 : 2;
    }

    /** {@code log(x * erfc(x)) + x^2 + 0.5625}, for x at least 1.25. */
    private static double tailRatio(double x) {
        double s = 1 / (x * x);
        return x < 1 / 0.35 ? polynomial(RA, s) / polynomial(SA, s) : polynomial(RB, s) / polynomial(SB, s);
    }

    private static double polynomial(double[] c, double x) {
        double sum = c[c.length - 1];
        for (int i = c.length - 2; i >= 0; i--) {
            sum = sum * x + c[i];
        }
        return sum;
    }
}
