package dev.kogata.orchestrator.flow;

import dev.kogata.common.v1.ElasticPlan;
import dev.kogata.orchestrator.job.Trial;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** Which trials are looked at again after the search, and what they stand for. Immutable. */
final class Candidates {

    /** Origins whose best trial is a baseline of its own, and the name it has. */
    private static final List<String> RULES = List.of("owl", "arithmetic-progression", "sensitivity", "similar", "random");
    private static final Set<String> SAMPLED = Set.of("tpe", "refinement");

    private final List<Trial> measured;
    private final Search search;

    /** @param all trials and baselines; only those measured whole count */
    Candidates(Search search, List<Trial> all) {
        this.search = search;
        this.measured = SearchStage.byLoss(all);
    }

    /** By name, the trial that stands for each way to find a plan: the best one on the search set. Uniform ones are chosen by {@link Baselines}. */
    Map<String, Trial> byRule() {
        Map<String, Trial> best = new LinkedHashMap<>();
        for (String rule : RULES) {
            best(trial -> trial.origin().equals(rule)).ifPresent(trial -> best.put(rule, trial));
        }
        best(trial -> SAMPLED.contains(trial.origin())).ifPresent(trial -> best.put("tpe", trial));
        best(trial -> trial.origin().equals("paper")).ifPresent(trial -> best.put("paper", trial));
        return best;
    }

    /** The uniform trials, each width once. */
    List<Trial> uniform() {
        return distinct(measured.stream().filter(trial -> trial.origin().equals(Baseline.UNIFORM)).toList());
    }

    /** What the selection set decides between, by number: the best {@code most} that may be delivered, all uniform ones, and one of every rule. */
    List<Trial> finalists(int most) {
        Set<Trial> all = new LinkedHashSet<>(distinct(measured.stream().filter(search::delivers).toList()).stream().limit(most).toList());
        all.addAll(uniform());
        all.addAll(byRule().values());
        // Of equal plans the one that may be delivered stays: it came first.
        return distinct(List.copyOf(all)).stream().sorted(Comparator.comparingInt(Trial::number)).toList();
    }

    private Optional<Trial> best(Predicate<Trial> which) {
        return measured.stream().filter(which).findFirst();
    }

    /** Each plan once: its first trial. */
    private static List<Trial> distinct(List<Trial> trials) {
        Map<ElasticPlan, Trial> byPlan = new LinkedHashMap<>();
        trials.forEach(trial -> byPlan.putIfAbsent(trial.plan(), trial));
        return new ArrayList<>(byPlan.values());
    }
}
