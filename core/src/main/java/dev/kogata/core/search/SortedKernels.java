package dev.kogata.core.search;

/**
 * Kernels of one number in order of their means, without the prior's.
 *
 * @param kernel (rank) -> kernel; equal means in an order that {@link Bandwidth} chooses
 * @param mean (rank)
 * @param sigma (rank)
 */
record SortedKernels(int[] kernel, double[] mean, double[] sigma) {

    int count() {
        return kernel.length;
    }

    /** (kernel), the prior last: what stands by rank. */
    double[] byKernel(double[] byRank, double prior) {
        double[] values = new double[kernel.length + 1];
        for (int rank = 0; rank < kernel.length; rank++) {
            values[kernel[rank]] = byRank[rank];
        }
        values[kernel.length] = prior;
        return values;
    }

    static double priorMean(Axis axis) {
        return 0.5 * (axis.low() + axis.high());
    }

    static double priorSigma(Axis axis) {
        return axis.range();
    }
}
