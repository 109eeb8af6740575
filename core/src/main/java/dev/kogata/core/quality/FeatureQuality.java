package dev.kogata.core.quality;

import java.util.List;

/**
 * What one measurement of an encoder found on one set of pictures.
 *
 * @param error mean over the pictures of {@link FeatureError}
 * @param standardError of {@code error} over pictures, the sample's standard deviation by the root of their number; 0 for a single one, whose
 *     spread is unknown
 * @param byPicture what every picture has, in the order of the set
 * @param seconds wall-clock seconds of the measurement
 */
public record FeatureQuality(double error, double standardError, List<Double> byPicture, double seconds) {
    public FeatureQuality {
        byPicture = List.copyOf(byPicture);
    }

    /** @param errors of at least one picture */
    public static FeatureQuality of(List<Double> errors, double seconds) {
        int n = errors.size();
        if (n == 0) {
            throw new IllegalArgumentException("no picture was measured");
        }
        double mean = errors.stream().mapToDouble(e -> e).sum() / n;
        double squares = errors.stream().mapToDouble(e -> (e - mean) * (e - mean)).sum();
        return new FeatureQuality(mean, n < 2 ? 0 : Math.sqrt(squares / (n - 1) / n), errors, seconds);
    }
}
