package dev.kogata.orchestrator.job;

import dev.kogata.core.search.ParetoTrial;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The front of bytes against loss of a search's journal. Stateless. */
public final class Fronts {

    private Fronts() {
    }

    /** Trials that no other one beats in both, each plan once, lightest first: a point's number is its place here. */
    public static List<Trial> of(List<Trial> journal) {
        Map<Integer, Trial> byNumber = measured(journal).stream().collect(Collectors.toMap(Trial::number, Function.identity()));
        List<ParetoTrial> front = ParetoTrial.front(measured(journal).stream()
                .map(trial -> ParetoTrial.running(trial.number(), trial.parameters()).told(trial.bytes(), trial.loss())).toList());
        Set<Object> plans = new HashSet<>();
        return front.stream().map(point -> byNumber.get(point.number())).filter(trial -> plans.add(trial.plan()))
                .sorted(Comparator.comparingLong(Trial::bytes).thenComparingInt(Trial::number)).toList();
    }

    /** Trials measured whole, with a loss that is a number. */
    public static List<Trial> measured(List<Trial> journal) {
        return journal.stream().filter(trial -> trial.number() >= 0 && trial.state() == Trial.State.COMPLETE && Double.isFinite(trial.loss())).toList();
    }
}
