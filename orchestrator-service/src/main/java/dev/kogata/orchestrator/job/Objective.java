package dev.kogata.orchestrator.job;

import dev.kogata.common.v1.Inspection;

/** What a search minimizes. */
public enum Objective {
    /** Divergence of a decoder's answers from the dense model's, in nats. */
    KL("kl", "nats", "divergence", "KL is the mean Kullback-Leibler divergence of the compressed model's next-token distribution from the dense model's over all answer "
            + "positions, pictures included, in nats. Its standard error is over conversations."),
    /** Squared distance of a vision encoder's features from the dense encoder's, relative to their own square. */
    FEATURE_ERROR("feature-error", "relative", "feature error", "The feature error is the squared distance of the compressed encoder's features (its first output) from the dense encoder's, "
            + "divided by the dense features' own square, and the mean of that over pictures: 0 for the same features, 1 for features of zeros. Its standard error is over pictures.");

    private final String word;
    private final String unit;
    private final String noun;
    private final String means;

    Objective(String word, String unit, String noun, String means) {
        this.word = word;
        this.unit = unit;
        this.noun = noun;
        this.means = means;
    }

    /** What a model's jobs minimize. */
    public static Objective of(Inspection model) {
        return model.getComponentsList().stream().anyMatch(c -> c.getName().equals("decoder")) ? KL : FEATURE_ERROR;
    }

    /** As contracts and documents write it. */
    public String word() {
        return word;
    }

    /** {@code nats}, or {@code relative} for a share of something. */
    public String unit() {
        return unit;
    }

    /** What it is called in a sentence. */
    public String noun() {
        return noun;
    }

    /** What it is, in sentences. */
    public String means() {
        return means;
    }

    /** Whether what is measured are answers; else pictures. */
    public boolean answers() {
        return this == KL;
    }
}
