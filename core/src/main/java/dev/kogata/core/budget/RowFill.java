package dev.kogata.core.budget;

/**
 * Elastic positions of all weights that use a given number of bytes up: one shift of all relative sparsities by bisection, then
 * what is left over row by row. One instance serves one call at a time.
 */
final class RowFill {

    /** Far finer than one row: 2^22 rows of 256 steps are 2^-30. */
    private static final double FINEST_SHIFT = 0x1p-48;

    private final ModelCost cost;
    private final int weights;
    private final double[] relative;

    RowFill(ModelCost cost) {
        this.cost = cost;
        weights = cost.weights().size();
        relative = new double[weights];
    }

    /** Positions whose bytes are at most {@code limit}, and less than one row below it unless nothing is pruned. */
    long[] fill(double[] relativeSparsity, long limit) {
        for (int i = 0; i < weights; i++) {
            // Sparsities lie in [0, 1): a difference beyond 1 says no more than 1 does.
            relative[i] = Double.isNaN(relativeSparsity[i]) ? 0 : Math.max(-1, Math.min(1, relativeSparsity[i]));
        }
        double heavy = -1; // every sparsity at most 0: dense
        double light = 2; // every sparsity at least 1: all that can be pruned
        if (bytes(heavy) <= limit) {
            return new long[weights];
        }
        while (light - heavy > FINEST_SHIFT) {
            double middle = heavy + (light - heavy) / 2;
            if (bytes(middle) > limit) {
                heavy = middle;
            } else {
                light = middle;
            }
        }
        long[] position = positions(light);
        giveBack(position, positions(heavy), limit - bytes(light));
        for (int i = 0; i < weights; i++) {
            if (weightBytes(i, position[i]) == weightBytes(i, 0)) {
                position[i] = 0; // pruning that saves nothing only does harm
            }
        }
        return position;
    }

    /** Moves rows towards the positions that are just too heavy, as long as they fit. */
    private void giveBack(long[] position, long[] heavier, long left) {
        for (int i = 0; i < weights; i++) {
            long bytes = weightBytes(i, position[i]);
            while (position[i] > heavier[i]) {
                long next = weightBytes(i, position[i] - 1);
                if (next - bytes > left) {
                    break;
                }
                left -= next - bytes;
                bytes = next;
                position[i]--;
            }
        }
    }

    private long[] positions(double shift) {
        long[] position = new long[weights];
        for (int i = 0; i < weights; i++) {
            position[i] = cost.counts().get(i).position(relative[i] + shift);
        }
        return position;
    }

    private long bytes(double shift) {
        long sum = 0;
        for (int i = 0; i < weights; i++) {
            sum += weightBytes(i, cost.counts().get(i).position(relative[i] + shift));
        }
        return sum;
    }

    private long weightBytes(int i, long position) {
        return cost.weights().get(i).bytes(cost.counts().get(i).nonzerosAt(position));
    }
}
