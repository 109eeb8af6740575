package dev.kogata.core.quality;

import java.util.Arrays;
import java.util.OptionalDouble;

/** Spearman's rank correlation: whether one measure orders things as another does. Ties share their mean rank. Stateless. */
public final class RankCorrelation {
    /** Two things are always in the same or the opposite order. */
    public static final int FEWEST = 3;

    private RankCorrelation() {}

    /**
     * In [-1, 1]: 1 for the same order, -1 for the opposite.
     *
     * @return empty for fewer than {@value #FEWEST} pairs, and where all values of one side are equal
     */
    public static OptionalDouble of(double[] a, double[] b) {
        if (a.length != b.length) {
            throw new IllegalArgumentException("%d values against %d".formatted(a.length, b.length));
        }
        double[] x = ranks(a), y = ranks(b);
        double mean = (a.length + 1) / 2.0, both = 0, squaresOfX = 0, squaresOfY = 0;
        for (int i = 0; i < x.length; i++) {
            both += (x[i] - mean) * (y[i] - mean);
            squaresOfX += (x[i] - mean) * (x[i] - mean);
            squaresOfY += (y[i] - mean) * (y[i] - mean);
        }
        return a.length < FEWEST || squaresOfX == 0 || squaresOfY == 0 ? OptionalDouble.empty()
                : OptionalDouble.of(both / Math.sqrt(squaresOfX * squaresOfY));
    }

    private static double[] ranks(double[] values) {
        double[] ranks = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            double value = values[i];
            long below = Arrays.stream(values).filter(v -> v < value).count();
            long equal = Arrays.stream(values).filter(v -> v == value).count();
            ranks[i] = below + (equal + 1) / 2.0;
        }
        return ranks;
    }
}
