package dev.kogata.orchestrator.job;

import dev.kogata.common.v1.Quality;

/**
 * What a measurement found, in what its job's {@link Objective} is.
 *
 * @param value the loss
 * @param standardError over conversations, or over pictures
 */
public record Loss(double value, double standardError) {

    /** A decoder's divergence, or an encoder's feature error. */
    public static Loss of(Quality quality) {
        return quality.hasFeatures() ? new Loss(quality.getFeatures().getError(), quality.getFeatures().getErrorStandardError())
                : new Loss(quality.getKl(), quality.getKlStandardError());
    }

    /** To choose by: what is no number is never chosen. */
    public double choosable() {
        return Double.isFinite(value) ? value : Double.POSITIVE_INFINITY;
    }
}
