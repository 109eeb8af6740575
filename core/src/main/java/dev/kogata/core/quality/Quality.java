package dev.kogata.core.quality;

import java.util.List;

/**
 * What one measurement found on one set of conversations.
 *
 * @param kl mean KL divergence (dense || compressed) of the next-token distribution over all answer positions, in nats;
 *     infinite where the compressed model's logits are not finite
 * @param klStandardError standard error of {@code kl} over conversations; 0 for a single conversation, whose spread is unknown
 * @param nll mean negative log-likelihood of the answer tokens, in nats
 * @param exact share of turns whose teacher-forced argmax equals the answer in every token, [0, 1]
 * @param conversations number of conversations measured
 * @param turns number of assistant turns measured
 * @param answerTokens number of answer positions measured
 * @param tags by tag of the dataset, sorted by tag; turns without a tag are in none
 * @param modalities the same of conversations with pictures ({@code image}) and without ({@code text}), as far as there are any
 * @param seconds wall-clock seconds of the measurement
 */
public record Quality(double kl, double klStandardError, double nll, double exact, int conversations, int turns,
                      long answerTokens, List<TagQuality> tags, List<TagQuality> modalities, double seconds) {
    public Quality {
        tags = List.copyOf(tags);
        modalities = List.copyOf(modalities);
    }
}
