package dev.kogata.core.quality;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Adds up scored conversations to a {@link Quality}, at any time: also of the conversations so far. The result does not
 * depend on anything but the conversations and their order. Not safe for use by several threads.
 */
public final class QualityMeter {
    private final List<double[]> conversations = new ArrayList<>();   // of each conversation: sum of KL, answer tokens
    private final Map<String, double[]> tags = new TreeMap<>();       // of each tag: turns, exact turns, sum of KL, answer tokens
    private final Map<String, double[]> modalities = new TreeMap<>(); // of image and text: the same
    private double kl, nll;
    private long tokens;
    private int turns, exact;

    /** Adds one conversation and says whether it holds a picture. */
    public void add(ConversationScore conversation, boolean hasImage) {
        conversation.turns().forEach(turn -> add(turn, modalities, hasImage ? "image" : "text"));
        add(conversation);
    }

    /** Adds one conversation, of which it is not known whether it holds a picture. */
    public void add(ConversationScore conversation) {
        double klOfConversation = 0;
        int tokensOfConversation = 0;
        for (TurnScore turn : conversation.turns()) {
            klOfConversation += turn.kl();
            tokensOfConversation += turn.tokens();
            nll += turn.nll();
            turns++;
            exact += turn.exact() ? 1 : 0;
            if (!turn.tag().isEmpty()) {
                add(turn, tags, turn.tag());
            }
        }
        kl += klOfConversation;
        tokens += tokensOfConversation;
        conversations.add(new double[] {klOfConversation, tokensOfConversation});
    }

    /** What the conversations so far show; at least one must have been added, with at least one answer token. */
    public Quality quality(double seconds) {
        if (tokens == 0) {
            throw new IllegalStateException("no answer token was scored");
        }
        return new Quality(kl / tokens, standardError(), nll / tokens, (double) exact / turns, conversations.size(), turns, tokens, groups(tags), groups(modalities), seconds);
    }

    private static void add(TurnScore turn, Map<String, double[]> groups, String group) {
        double[] sums = groups.computeIfAbsent(group, name -> new double[4]);
        sums[0]++;
        sums[1] += turn.exact() ? 1 : 0;
        sums[2] += turn.kl();
        sums[3] += turn.tokens();
    }

    private static List<TagQuality> groups(Map<String, double[]> groups) {
        return groups.entrySet().stream()
                .map(e -> new TagQuality(e.getKey(), e.getValue()[1] / e.getValue()[0], e.getValue()[2] / e.getValue()[3], (int) e.getValue()[0]))
                .toList();
    }

    /**
     * Standard error of the ratio R = sum of KL / sum of tokens, conversations being drawn independently and answer
     * positions within one not (Cochran, Sampling Techniques, 1977, section 2.11):
     * SE = sqrt(n / (n - 1) * sum_i (kl_i - R * tokens_i)^2) / sum of tokens.
     */
    private double standardError() {
        int n = conversations.size();
        if (n < 2) {
            return 0;
        }
        double ratio = kl / tokens, squares = 0;
        for (double[] c : conversations) {
            double residual = c[0] - ratio * c[1];
            squares += residual * residual;
        }
        return Math.sqrt(squares * n / (n - 1)) / tokens;
    }
}
