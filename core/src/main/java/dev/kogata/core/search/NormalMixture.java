package dev.kogata.core.search;

/**
 * A weighted sum of truncated normals in one dimension. The prior's kernel reaches everywhere, so that the sum needs no logarithms,
 * and kernels many deviations away add nothing to it: the narrowest (most of many are, by the clip) stand together, the others in one
 * class for each octave of deviations, all in order of their means, and only those within reach are added. Not thread-safe.
 */
final class NormalMixture {

    /** Kernels farther away than this many deviations are left out: they add less than 1e-11 of what the prior alone has. */
    private static final double REACH = 8.5;
    /** What a bound leaves out: beyond so many deviations there is little of a kernel. */
    private static final double NEAR = 4;
    private static final int CLASSES = 8; // deviations differ by at most a factor of 102
    /** Of so few, finding those within reach takes longer than adding all. */
    private static final int FEW = 40;

    private final Axis axis;
    private final EqualNormals narrow;
    private final double[] mean; // [class, rank], the prior last
    private final double[] precision;
    private final double[] scale; // weight / (sigma * sqrt(2 pi) * mass inside)
    private final int[] start = new int[CLASSES + 1];
    private final double[] widest = new double[CLASSES]; // deviation
    private int wides;

    /** @param weights (kernel), the prior last */
    NormalMixture(Axis axis, SortedKernels sorted, double[] weights, Scratch scratch) {
        this.axis = axis;
        int count = sorted.count();
        double[] means = sorted.mean();
        double[] sigma = sorted.sigma();
        int[] kernel = sorted.kernel();
        double least = sorted.narrowest();
        double[] narrowMean = scratch.doubles(count);
        double[] narrowWeight = scratch.doubles(count);
        int[] wide = scratch.ints(count); // ranks
        int narrows = 0;
        wides = 0;
        for (int rank = 0; rank < count; rank++) {
            if (sigma[rank] == least) {
                narrowMean[narrows] = means[rank];
                narrowWeight[narrows++] = weights[kernel[rank]];
            } else {
                wide[wides++] = rank;
                start[octave(least, sigma[rank]) + 1]++;
            }
        }
        narrow = new EqualNormals(axis, least, narrows, narrowMean, narrowWeight, scratch);
        for (int c = 0; c < CLASSES; c++) {
            start[c + 1] += start[c];
            widest[c] = (2 << c) * least;
        }
        mean = scratch.doubles(wides + 1);
        precision = scratch.doubles(wides + 1);
        scale = scratch.doubles(wides + 1);
        int[] next = start.clone();
        for (int i = 0; i < wides; i++) {
            int rank = wide[i];
            set(next[octave(least, sigma[rank])]++, means[rank], 1 / sigma[rank], weights[kernel[rank]]);
        }
        set(wides, SortedKernels.priorMean(axis), 1 / SortedKernels.priorSigma(axis), weights[count]);
    }

    private void set(int at, double mean, double precision, double weight) {
        this.mean[at] = mean;
        this.precision[at] = precision;
        double mass = 1 - Normal.tail((mean - axis.low()) * precision) - Normal.tail((axis.high() - mean) * precision);
        scale[at] = weight * precision * Normal.INVERSE_SQRT_2_PI / mass;
    }

    /** c for deviations from more than 2^c to 2^(c+1) times the least. */
    private static int octave(double least, double sigma) {
        int c = 0;
        for (double limit = 2 * least; sigma > limit && c < CLASSES - 1; limit *= 2) {
            c++;
        }
        return c;
    }

    /** The density, which is positive. */
    double density(double place) {
        return wide(place, REACH) + narrow.density(place, REACH);
    }

    /** At most the density. */
    double leastDensity(double place) {
        return wide(place, NEAR) + narrow.leastDensity(place);
    }

    private double wide(double place, double reach) {
        if (wides <= FEW) {
            return add(place, 0, wides + 1);
        }
        double sum = add(place, wides, wides + 1);
        for (int c = 0; c < CLASSES; c++) {
            if (start[c] < start[c + 1]) {
                double distance = reach * widest[c];
                int from = first(mean, place - distance, start[c], start[c + 1]);
                sum += add(place, from, first(mean, place + distance, from, start[c + 1]));
            }
        }
        return sum;
    }

    private double add(double place, int from, int to) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            double z = (place - mean[i]) * precision[i];
            double exponent = -0.5 * z * z;
            sum += scale[i] * Normal.exp(exponent < -700 ? -700 : exponent);
        }
        return sum;
    }

    /** The first kernel in [from, to) whose mean, of these in ascending order, is at least this; {@code to} where none is. */
    static int first(double[] mean, double least, int from, int to) {
        int low = from;
        int high = to;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (mean[middle] < least) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
