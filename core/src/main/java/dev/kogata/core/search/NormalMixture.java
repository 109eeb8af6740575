package dev.kogata.core.search;

/**
 * A weighted sum of truncated normals in one dimension. The prior's kernel reaches everywhere, so that the sum needs no logarithms,
 * and kernels many deviations away add nothing to it: kernels stand in order of their means, the narrowest in one class (most of
 * many are, by the clip) and the others in one for each octave of deviations, and only those within reach are added. Not thread-safe.
 */
final class NormalMixture {

    /** Kernels farther away than this many deviations are left out: they add less than 1e-11 of what the prior alone has. */
    private static final double REACH = 8.5;
    private static final int CLASSES = 9; // deviations differ by at most a factor of 102
    /** Of so few, finding those within reach takes longer than adding all. */
    private static final int FEW = 40;

    private final Axis axis;
    private final double[] mean; // [class, rank], the prior last
    private final double[] precision;
    /** weight / (sigma * sqrt(2 pi) * mass inside), NaN until first needed. */
    private final double[] scale;
    private final double[] weight;
    private final int[] start = new int[CLASSES + 1];
    private final double[] widest = new double[CLASSES]; // deviation

    /** @param weights (kernel), the prior last */
    NormalMixture(Axis axis, SortedKernels sorted, double[] weights) {
        this.axis = axis;
        int count = sorted.count();
        double[] sigma = sorted.sigma();
        double least = SortedKernels.priorSigma(axis);
        for (double s : sigma) {
            least = Math.min(least, s);
        }
        byte[] ofRank = new byte[count];
        for (int rank = 0; rank < count; rank++) {
            int c = sigma[rank] == least ? 0 : octave(least, sigma[rank]);
            ofRank[rank] = (byte) c;
            start[c + 1]++;
        }
        for (int c = 0; c < CLASSES; c++) {
            start[c + 1] += start[c];
            widest[c] = (1 << c) * least;
        }
        mean = new double[count + 1];
        precision = new double[count + 1];
        weight = new double[count + 1];
        scale = new double[count + 1];
        int[] next = start.clone();
        double most = 1 / least;
        for (int rank = 0; rank < count; rank++) {
            int c = ofRank[rank];
            set(next[c]++, sorted.mean()[rank], c == 0 ? most : 1 / sigma[rank], weights[sorted.kernel()[rank]]);
        }
        set(count, SortedKernels.priorMean(axis), 1 / SortedKernels.priorSigma(axis), weights[count]);
    }

    private void set(int at, double mean, double precision, double weight) {
        this.mean[at] = mean;
        this.precision[at] = precision;
        this.weight[at] = weight;
        scale[at] = Double.NaN;
    }

    /** 0 for the narrowest, c for deviations from more than 2^(c-1) to 2^c times theirs. */
    private static int octave(double least, double sigma) {
        int c = 0;
        for (double limit = least; sigma > limit && c < CLASSES - 1; limit *= 2) {
            c++;
        }
        return c;
    }

    /** At most the density, and the density itself where the reach is infinite. */
    double density(double place, double reach) {
        int count = mean.length - 1;
        if (count <= FEW) {
            return add(place, 0, count + 1);
        }
        double within = Math.min(reach, REACH);
        double sum = add(place, count, count + 1);
        for (int c = 0; c < CLASSES; c++) {
            if (start[c] < start[c + 1]) {
                double distance = within * widest[c];
                int from = first(place - distance, start[c], start[c + 1]);
                sum += add(place, from, first(place + distance, from, start[c + 1]));
            }
        }
        return sum;
    }

    private double add(double place, int from, int to) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            double z = (place - mean[i]) * precision[i];
            double s = scale[i];
            if (s != s) {
                s = scale(i);
            }
            sum += s * Normal.exp(Math.max(-700, -0.5 * z * z));
        }
        return sum;
    }

    private double scale(int i) {
        double mass = 1 - Normal.tail((mean[i] - axis.low()) * precision[i]) - Normal.tail((axis.high() - mean[i]) * precision[i]);
        scale[i] = weight[i] * precision[i] * Normal.INVERSE_SQRT_2_PI / mass;
        return scale[i];
    }

    /** The first kernel in [from, to) whose mean is at least this. */
    private int first(double least, int from, int to) {
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
