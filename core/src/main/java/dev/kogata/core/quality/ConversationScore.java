package dev.kogata.core.quality;

import java.util.ArrayList;
import java.util.List;

/**
 * One conversation, scored: what a {@link QualityMeter} adds up, and what two models are compared by, pair by pair.
 *
 * @param turns its assistant turns, in order
 */
public record ConversationScore(List<TurnScore> turns) {
    public ConversationScore {
        turns = List.copyOf(turns);
    }

    /**
     * Scores the logits at a conversation's answer positions.
     *
     * @param compressed logits (positions, vocabulary) of the model in question
     * @param dense logits (positions, vocabulary) of the dense model; the same array gives divergence 0
     * @param vocabulary number of tokens that the logits tell apart
     * @param tokens (positions): the answer's token at each position
     * @param turnOf (positions): number of the assistant turn of each position, ascending
     * @param tags tag of each turn; empty text where it has none
     */
    public static ConversationScore of(float[] compressed, float[] dense, int vocabulary, int[] tokens, int[] turnOf, List<String> tags) {
        int positions = tokens.length;
        if (turnOf.length != positions || compressed.length != (long) positions * vocabulary || dense.length != compressed.length) {
            throw new IllegalArgumentException("%d positions of %d tokens, but %d turns and %d and %d logits"
                    .formatted(positions, vocabulary, turnOf.length, compressed.length, dense.length));
        }
        List<TurnScore> turns = new ArrayList<>();
        for (int from = 0; from < positions; ) {
            int turn = turnOf[from];
            boolean exact = true;
            double kl = 0, nll = 0;
            int at = from;
            for (; at < positions && turnOf[at] == turn; at++) {
                int row = at * vocabulary;
                kl += compressed == dense ? 0 : NextToken.divergence(dense, compressed, row, vocabulary);
                nll += NextToken.negativeLogLikelihood(compressed, row, vocabulary, tokens[at]);
                exact &= NextToken.argmax(compressed, row, vocabulary) == tokens[at];
            }
            turns.add(new TurnScore(tags.get(turn), exact, kl, nll, at - from));
            from = at;
        }
        return new ConversationScore(turns);
    }

    /** Sum of the KL divergence over the answer positions, in nats. */
    public double kl() {
        return turns.stream().mapToDouble(TurnScore::kl).sum();
    }

    /** Number of answer positions. */
    public int tokens() {
        return turns.stream().mapToInt(TurnScore::tokens).sum();
    }
}
