package dev.kogata.bench;

import dev.kogata.core.prune.Matrix;
import dev.kogata.core.prune.RowScores;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Masks as one would write them first; what selection is measured against. Rows are split over the cores here too. */
final class BaselineMasks {
    private BaselineMasks() {}

    static boolean[] bySorting(Matrix w, RowScores scores, int zeros) {
        int columns = w.columns();
        boolean[] pruned = new boolean[w.values().length];
        IntStream.range(0, w.rows()).parallel().forEach(i -> {
            float[] row = new float[columns];
            scores.row(i, row);
            // Score and column in one number: bits of floats that are not negative order as they do, and primitives sort fastest.
            long[] keys = new long[columns];
            for (int j = 0; j < columns; j++) {
                keys[j] = (long) Float.floatToRawIntBits(row[j] + 0f) << 32 | j;
            }
            Arrays.sort(keys);
            for (int rank = 0; rank < zeros; rank++) {
                pruned[i * columns + (int) keys[rank]] = true;
            }
        });
        return pruned;
    }

    static boolean[] byKthValue(Matrix w, RowScores scores, int zeros) {
        int columns = w.columns();
        boolean[] pruned = new boolean[w.values().length];
        IntStream.range(0, w.rows()).parallel().forEach(i -> {
            float[] row = new float[columns];
            scores.row(i, row);
            float threshold = kthValue(row.clone(), zeros);
            int left = zeros;
            for (int j = 0; j < columns; j++) {
                if (row[j] < threshold) {
                    pruned[i * columns + j] = true;
                    left--;
                }
            }
            for (int j = 0; left > 0; j++) {   // of those at the threshold, the first
                if (row[j] == threshold) {
                    pruned[i * columns + j] = true;
                    left--;
                }
            }
        });
        return pruned;
    }

    /** Hoare's quickselect: the value at place k (from 1) of the sorted values; reorders them. */
    private static float kthValue(float[] values, int k) {
        int low = 0, high = values.length - 1, wanted = Math.max(0, k - 1);
        while (low < high) {
            float pivot = median(values[low], values[low + (high - low) / 2], values[high]);
            int i = low, j = high;
            while (i <= j) {
                while (values[i] < pivot) {
                    i++;
                }
                while (values[j] > pivot) {
                    j--;
                }
                if (i <= j) {
                    float swapped = values[i];
                    values[i++] = values[j];
                    values[j--] = swapped;
                }
            }
            if (wanted <= j) {
                high = j;
            } else if (wanted >= i) {
                low = i;
            } else {
                break;
            }
        }
        return values[wanted];
    }

    private static float median(float a, float b, float c) {
        return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
    }
}
