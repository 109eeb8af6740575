package dev.kogata.core.quality;

/**
 * One assistant turn, scored.
 *
 * @param tag the turn's tag; empty where it has none
 * @param exact whether the argmax equals the answer's token at every one of its positions
 * @param kl sum of the KL divergence over its answer positions, in nats
 * @param nll sum of the negative log-likelihood of its tokens, in nats
 * @param tokens number of its answer positions
 */
public record TurnScore(String tag, boolean exact, double kl, double nll, int tokens) {
}
