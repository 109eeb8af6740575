package dev.kogata.core.quality;

/**
 * How far an encoder's features of one picture moved: the squared distance relative to the dense features' own square,
 * {@code sum_i (f_i - d_i)^2 / sum_i d_i^2}, in float64. 0 for equal features; features of zeros have 1, whatever the model and the unit of its
 * features. Stateless.
 */
public final class FeatureError {
    private FeatureError() {
    }

    /**
     * @param compressed features of the model in question, in the dense model's order; what is not finite counts as the worst there is
     * @param dense features of the dense model; where they are all zero, anything else is infinitely far away
     */
    public static double of(float[] compressed, float[] dense) {
        if (compressed.length != dense.length) {
            throw new IllegalArgumentException("%d features against %d of the dense model".formatted(compressed.length, dense.length));
        }
        double distance = 0, square = 0;
        for (int i = 0; i < dense.length; i++) {
            double difference = (double) compressed[i] - dense[i];
            distance += difference * difference;
            square += (double) dense[i] * dense[i];
        }
        if (distance == 0) {
            return 0;
        }
        double error = distance / square;
        return Double.isNaN(error) ? Double.POSITIVE_INFINITY : error;
    }
}
