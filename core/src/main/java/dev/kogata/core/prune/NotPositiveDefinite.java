package dev.kogata.core.prune;

/** A Hessian that no damping makes positive definite; a repair would be guesswork. */
public final class NotPositiveDefinite extends RuntimeException {
    private final String weight;
    private final int pivot;

    NotPositiveDefinite(String weight, int pivot, double damping) {
        super("The Hessian of the weight %s is not positive definite at input %d, even with a damping of %s of its mean diagonal; give more calibration data.".formatted(weight, pivot, damping));
        this.weight = weight;
        this.pivot = pivot;
    }

    /** Name of the weight. */
    public String weight() {
        return weight;
    }

    /** The input feature at which the factorization failed. */
    public int pivot() {
        return pivot;
    }
}
