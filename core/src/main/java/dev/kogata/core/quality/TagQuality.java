package dev.kogata.core.quality;

/**
 * Quality of the turns that carry one tag.
 *
 * @param tag the tag, as in the dataset
 * @param exact share of exact turns, [0, 1]
 * @param kl mean KL divergence over these turns' answer positions, in nats
 * @param turns number of turns
 */
public record TagQuality(String tag, double exact, double kl, int turns) {
}
