package dev.kogata.core.allocate;

import java.util.Arrays;

/**
 * The options, from {@code first} to {@code last} of a curve, that no mixture of two others beats: the lower convex hull of loss
 * over bytes, from the smallest size to the least loss. Along it every further byte is worth less than the one before.
 */
final class ConvexHull {
    private ConvexHull() {}

    /** Indices of the hull's options, by size. */
    static int[] of(SensitivityCurve curve, int first, int last) {
        int[] hull = new int[last - first + 1];
        int size = 0;
        for (int k = first; k <= last; k++) {
            if (size > 0 && curve.loss()[k] >= curve.loss()[hull[size - 1]]) {
                continue;   // larger and no better
            }
            while (size > 1 && gain(curve, hull[size - 2], hull[size - 1]) < gain(curve, hull[size - 1], k)) {
                size--;
            }
            hull[size++] = k;
        }
        return Arrays.copyOf(hull, size);
    }

    /** Loss saved for each further byte. */
    static double gain(SensitivityCurve curve, int from, int to) {
        return (curve.loss()[from] - curve.loss()[to]) / (curve.bytes()[to] - curve.bytes()[from]);
    }
}
