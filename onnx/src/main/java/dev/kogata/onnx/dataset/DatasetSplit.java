package dev.kogata.onnx.dataset;

import dev.kogata.core.RefusedInput;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Three sets of conversations of which no two share one of the same content. Who comes into which is decided by a hash of
 * seed and content, so it depends neither on the order of the lines nor on the machine.
 *
 * @param search the objective is measured on these
 * @param selection finalists are chosen on these
 * @param heldout reported only
 * @param heldoutGiven whether they come from a dataset of their own, else from the calibration data
 * @param dropped conversations left out because another one has the same content
 */
public record DatasetSplit(List<Conversation> search, List<Conversation> selection, List<Conversation> heldout, boolean heldoutGiven, int dropped) {
    /** A standard error over conversations needs two. */
    private static final int SMALLEST_SET = 2;

    /**
     * Most conversations of each set; 0 for no limit.
     */
    public record Limits(int search, int selection, int heldout) {
    }

    /**
     * Splits calibration data: two thirds search, one third selection; without held-out data, a half, a quarter and a quarter.
     * A conversation that is held out is never searched with.
     *
     * @throws RefusedInput DATASET_TOO_SMALL, DATASET_OVERLAP
     */
    public static DatasetSplit of(Dataset calibration, Optional<Dataset> heldout, long seed, Limits limits) {
        Set<String> seen = new HashSet<>();
        List<Conversation> held = heldout.map(dataset -> shuffled(dataset.conversations(), seed, seen)).orElse(List.of());
        List<Conversation> rest = shuffled(calibration.conversations(), seed, seen);
        int all = calibration.conversations().size() + heldout.map(dataset -> dataset.conversations().size()).orElse(0);
        int dropped = all - held.size() - rest.size();
        String thing = calibration.thing();
        if (rest.isEmpty() && !calibration.conversations().isEmpty()) {
            Conversation first = calibration.conversations().get(0);
            throw new RefusedInput("DATASET_OVERLAP", "Every %s of the calibration data is held out too, the one in line %d first; the two must differ.".formatted(thing, first.line()),
                    Map.of("line", Integer.toString(first.line())));
        }
        int sets = heldout.isPresent() ? 2 : 3;
        if (rest.size() < sets * SMALLEST_SET || heldout.isPresent() && held.size() < SMALLEST_SET) {
            throw Refusal.tooSmall(("The calibration data has %d different %ss%s; for %d sets it needs at least %d, "
                    + "and held-out data of its own at least %d.").formatted(rest.size(), thing, heldout.isPresent() ? ", the held-out data " + held.size() : "",
                    sets, sets * SMALLEST_SET, SMALLEST_SET));
        }
        int others = Math.max(SMALLEST_SET, heldout.isPresent() ? rest.size() / 3 : rest.size() / 4);
        int search = rest.size() - others * (sets - 1);
        List<Conversation> selection = rest.subList(search, search + others);
        return new DatasetSplit(limited(rest.subList(0, search), limits.search()), limited(selection, limits.selection()),
                limited(heldout.isPresent() ? held : rest.subList(search + others, rest.size()), limits.heldout()), heldout.isPresent(), dropped);
    }

    private static List<Conversation> limited(List<Conversation> conversations, int limit) {
        return List.copyOf(limit == 0 ? conversations : conversations.subList(0, Math.min(limit, conversations.size())));
    }

    /** The conversations whose content is not in {@code seen}, which grows by them, by the hash of seed and content. */
    private static List<Conversation> shuffled(List<Conversation> conversations, long seed, Set<String> seen) {
        record Ranked(String rank, Conversation conversation) {
        }
        List<Ranked> ranked = new ArrayList<>();
        for (Conversation conversation : conversations) {
            if (seen.add(conversation.contentSha256())) {
                ranked.add(new Ranked(Conversation.sha256((seed + ":" + conversation.contentSha256()).getBytes(StandardCharsets.UTF_8)), conversation));
            }
        }
        return ranked.stream().sorted(Comparator.comparing(Ranked::rank)).map(Ranked::conversation).toList();
    }
}
