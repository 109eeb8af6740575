package dev.kogata.core.search;

/**
 * The order in which Optuna (by NumPy's default sort, a bitonic network on AVX2 and AVX-512) sees observations of which many are
 * equal, as on the steps of a whole number: which of the equal ones comes first decides which of them gets a wide kernel. Up to
 * 256 numbers, where NumPy's network ends.
 */
final class NetworkOrder {

    /** NumPy's order of more numbers than these depends on a partition that is not worth following. */
    static final int LARGEST = 256;
    private static final int SMALLEST_NETWORK = 8;

    private NetworkOrder() {
    }

    /** Indices of the first {@code count} values, ascending. */
    static int[] ascending(double[] values, int count) {
        int size = Math.max(SMALLEST_NETWORK, Integer.highestOneBit(Math.max(1, 2 * count - 1)));
        double[] key = new double[size];
        int[] index = new int[size];
        for (int i = 0; i < size; i++) {
            key[i] = i < count ? values[i] : Double.POSITIVE_INFINITY;
            index[i] = i;
        }
        for (int block = 2; block <= size; block *= 2) {
            for (int start = 0; start < size; start += block) {
                for (int i = 0; i < block / 2; i++) {
                    exchange(key, index, start + i, start + block - 1 - i);
                }
            }
            for (int distance = block / 4; distance >= 1; distance /= 2) {
                for (int i = 0; i < size; i++) {
                    if ((i & distance) == 0) {
                        exchange(key, index, i, i + distance);
                    }
                }
            }
        }
        int[] order = new int[count];
        System.arraycopy(index, 0, order, 0, count);
        return order;
    }

    /** Puts the smaller first; equal ones stay. */
    private static void exchange(double[] key, int[] index, int low, int high) {
        if (key[low] > key[high]) {
            double k = key[low];
            key[low] = key[high];
            key[high] = k;
            int i = index[low];
            index[low] = index[high];
            index[high] = i;
        }
    }
}
