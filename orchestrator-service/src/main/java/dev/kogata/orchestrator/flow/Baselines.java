package dev.kogata.orchestrator.flow;

import dev.kogata.common.v1.CacheLayerPlan;
import dev.kogata.orchestrator.flow.SearchStage.Searched;
import dev.kogata.orchestrator.job.Trial;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Measures on held-out data what the delivered plan is compared with, all at the same bytes: uniform plans with every width, the best of
 * them also ranked and repaired layer after layer, every fixed rule, the best random plan and the best of TPE. What stands for a rule was chosen on the search set, the
 * best uniform plan on the selection set.
 */
final class Baselines {

    private final CompressStage stage;
    private final int atOnce;
    private final Searched searched;
    private final Candidates candidates;
    private final List<Finalist> finalists;
    private final Map<String, Written> byHand;

    Baselines(CompressStage stage, int atOnce, Searched searched, Candidates candidates, List<Finalist> finalists, Map<String, Written> byHand) {
        this.stage = stage;
        this.atOnce = atOnce;
        this.searched = searched;
        this.candidates = candidates;
        this.finalists = finalists;
        this.byHand = byHand;
    }

    List<Baseline> all() {
        List<Supplier<Baseline>> work = new ArrayList<>();
        named().forEach((name, finalist) -> work.add(() -> new Baseline(name, finalist, "as-searched", finalist.trial().bytes(), stage.heldout(finalist),
                passes(name))));
        byHand.forEach((name, files) -> work.add(() -> new Baseline(name, files.finalist(), files.passName(), files.files().getTotalBytes(), stage.heldout(name, files),
                uniformPasses() + 1)));
        return SideBySide.all(work, atOnce);
    }

    private Map<String, Finalist> named() {
        Map<String, Finalist> named = new LinkedHashMap<>();
        finalists.stream().filter(Finalist::uniform).findFirst().ifPresent(best -> named.put(Baseline.UNIFORM, best));
        finalists.stream().filter(Finalist::uniform).forEach(finalist -> width(finalist.trial()).ifPresent(bits -> named.put(Baseline.UNIFORM + "-" + bits + "-bit", finalist)));
        candidates.byRule().forEach((name, trial) -> finalists.stream().filter(finalist -> finalist.trial().plan().equals(trial.plan())).findFirst()
                .ifPresent(finalist -> named.put(name, finalist)));
        return named;
    }

    /** The one width of all keys and values; empty where there is none. */
    private static Optional<Integer> width(Trial trial) {
        List<CacheLayerPlan> layers = trial.plan().getLayersList();
        int bits = layers.isEmpty() ? 0 : layers.get(0).getKeyBits();
        return bits > 0 && layers.stream().allMatch(layer -> layer.getKeyBits() == bits && layer.getValueBits() == bits) ? Optional.of(bits) : Optional.empty();
    }

    /** A rule takes the width of the best uniform plan, so it costs those passes too; TPE starts with everything. */
    private double passes(String name) {
        return switch (name) {
            case Baseline.UNIFORM -> uniformPasses();
            case "tpe" -> searched.starts().passes() + searched.trials().stream().filter(trial -> trial.quality().isPresent()).count();
            case "random", "paper" -> origin(name);
            case "sensitivity" -> searched.starts().passes() + origin(name);
            case "owl", "arithmetic-progression", "similar" -> uniformPasses() + origin(name);
            default -> 1;
        };
    }

    private double uniformPasses() {
        return origin(Baseline.UNIFORM);
    }

    private double origin(String origin) {
        return searched.all().stream().filter(trial -> trial.origin().equals(origin) && trial.quality().isPresent()).count();
    }
}
