package dev.kogata.core.search;

/**
 * Kernels of one number in order of their means, without the prior's. Arrays may be longer than there are kernels.
 *
 * @param count how many
 * @param kernel (rank) -> kernel; equal means in an order that {@link Bandwidth} chooses
 * @param mean (rank)
 * @param sigma (rank)
 * @param narrowest no sigma is smaller
 */
record SortedKernels(int count, int[] kernel, double[] mean, double[] sigma, double narrowest) {

    /** (kernel), the prior last: what stands by rank. */
    double[] byKernel(double[] byRank, double prior, Scratch scratch) {
        double[] values = scratch.doubles(count + 1);
        for (int rank = 0; rank < count; rank++) {
            values[kernel[rank]] = byRank[rank];
        }
        values[count] = prior;
        return values;
    }

    static double priorMean(Axis axis) {
        return 0.5 * (axis.low() + axis.high());
    }

    static double priorSigma(Axis axis) {
        return axis.range();
    }
}
