package dev.kogata.core.search;

import java.util.Arrays;

/**
 * A weighted sum of truncated normals of one deviation, in order of their means: by the clip, most kernels of many. Only those within reach
 * are added, and a bound that needs a tenth of the exponentials is at hand. Not thread-safe.
 */
final class EqualNormals {

    /** Parts of a deviation over which kernels are drawn together for the bound. */
    private static final double PARTS = 2;
    /** Deviations beyond which the bound leaves kernels out. */
    private static final double NEAR = 4;
    /** No fourth derivative of exp(-z^2 / 2) is greater. */
    private static final double GREATEST_FOURTH = 3;
    /** Of so few, drawing together takes longer than adding all. */
    private static final int FEW = 40;

    /** (part) -> {@link Normal#tail} where it ends. */
    private static final double[] TAILS = new double[(int) (9 * PARTS)];

    static {
        for (int part = 0; part < TAILS.length; part++) {
            TAILS[part] = Normal.tail(part / PARTS);
        }
    }

    private final Axis axis;
    private final Scratch scratch;
    private final double sigma;
    private final double precision;
    private final int count;
    private final double[] mean; // [rank]
    private final double[] weight; // [rank]
    private final double[] scale; // [rank] weight / (sigma * sqrt(2 pi) * mass inside), NaN until first needed
    // Drawn together, where there are more than a few:
    private double[] center; // [group]
    private double[] height; // [group]: what the group would have at its center if all its kernels were there
    private double[] bend; // [group]: half the variance of its means, in square deviations
    private double[] skew; // [group]: a sixth of their third moment
    private double[] error; // [group]
    private int[] groupOf; // [part]: the first group in this part of the axis or a later one

    /**
     * @param mean ascending; the first {@code count} count
     * @param weight of each
     */
    EqualNormals(Axis axis, double sigma, int count, double[] mean, double[] weight, Scratch scratch) {
        this.axis = axis;
        this.sigma = sigma;
        this.count = count;
        this.mean = mean;
        this.weight = weight;
        precision = 1 / sigma;
        this.scratch = scratch;
        scale = scratch.doubles(count);
        Arrays.fill(scale, 0, count, Double.NaN);
    }

    /** The sum of kernels within this many deviations. */
    double density(double place, double reach) {
        if (count <= FEW) {
            return add(place, 0, count);
        }
        int from = NormalMixture.first(mean, place - reach * sigma, 0, count);
        return add(place, from, NormalMixture.first(mean, place + reach * sigma, from, count));
    }

    /**
     * At most {@link #density}, and less than that by a few thousandths. Of kernels with means near each other only the weight, the mean c and the variance v
     * are known: Taylor's series around c up to the second order, less what its remainder can be.
     */
    double leastDensity(double place) {
        if (count <= FEW) {
            return add(place, 0, count);
        }
        if (center == null) {
            drawTogether();
        }
        double sum = 0;
        int to = groupOf[part(place + NEAR * sigma) + 1];
        for (int g = groupOf[part(place - NEAR * sigma)]; g < to; g++) {
            double z = (place - center[g]) * precision;
            double square = z * z;
            double value = height[g] * Normal.exp(-0.5 * square) * (1 + (square - 1) * bend[g] - z * (square - 3) * skew[g]) - error[g];
            sum += value > 0 ? value : 0;
        }
        return sum;
    }

    private int part(double place) {
        return (int) Math.max(0, Math.min(PARTS * precision * (axis.high() - axis.low()), (place - axis.low()) * (PARTS * precision)));
    }

    private void drawTogether() {
        int parts = part(axis.high()) + 1;
        groupOf = scratch.ints(parts + 1);
        center = scratch.doubles(parts);
        height = scratch.doubles(parts);
        bend = scratch.doubles(parts);
        skew = scratch.doubles(parts);
        error = scratch.doubles(parts);
        double scale = precision * Normal.INVERSE_SQRT_2_PI;
        int groups = 0;
        int i = 0;
        for (int part = 0; part < parts; part++) {
            double end = part == parts - 1 ? Double.POSITIVE_INFINITY : axis.low() + (part + 1) * sigma / PARTS;
            groupOf[part] = groups;
            if (i == count || mean[i] >= end) {
                continue;
            }
            double first = mean[i];
            double sum = 0;
            double moment = 0;
            double square = 0;
            double cube = 0;
            double d = 0;
            for (; i < count && mean[i] < end; i++) {
                d = (mean[i] - first) * precision;
                double w = weight[i];
                sum += w;
                double wd = w * d;
                double wdd = wd * d;
                moment += wd;
                square += wdd;
                cube += wdd * d;
            }
            double each = 1 / sum;
            double offset = moment * each;
            double variance = Math.max(0, square * each - offset * offset);
            double farthest = Math.max(offset, d - offset);
            center[groups] = first + offset * sigma;
            height[groups] = sum * scale / mostInside(part, parts);
            bend[groups] = 0.5 * variance;
            // z is the place less the mean: a mean farther up is a place farther down
            skew[groups] = -1 / 6.0 * (cube * each - offset * (3 * variance + offset * offset));
            error[groups] = height[groups] * (GREATEST_FOURTH / 24) * variance * farthest * farthest;
            groups++;
        }
        groupOf[parts] = groups;
    }

    /** No normal with its mean in this part of the axis has more of its mass inside. */
    private static double mostInside(int part, int parts) {
        return 1 - (part + 1 < TAILS.length ? TAILS[part + 1] : 0) - (parts - part < TAILS.length ? TAILS[parts - part] : 0);
    }

    private double inside(double mean) {
        return 1 - Normal.tail((mean - axis.low()) * precision) - Normal.tail((axis.high() - mean) * precision);
    }

    private double add(double place, int from, int to) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            double z = (place - mean[i]) * precision;
            double s = scale[i];
            if (s != s) {
                s = weight[i] * precision * Normal.INVERSE_SQRT_2_PI / inside(mean[i]);
                scale[i] = s;
            }
            double exponent = -0.5 * z * z;
            sum += s * Normal.exp(exponent < -700 ? -700 : exponent);
        }
        return sum;
    }
}
