package dev.kogata.core.search;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A search in progress: its journal, and the sampler that continues it. The journal is all there is to keep: a study made from a
 * journal goes on as the one that wrote it. Not thread-safe.
 */
public final class Study {

    private final Sampler sampler;
    private final List<TrialRecord> trials;

    /** Goes on from a journal, whose records stand by number from 0. */
    public Study(Sampler sampler, List<TrialRecord> journal) {
        this.sampler = sampler;
        trials = new ArrayList<>(journal);
        for (int i = 0; i < trials.size(); i++) {
            if (trials.get(i).number() != i) {
                throw new IllegalArgumentException("trial %d stands at place %d of the journal".formatted(trials.get(i).number(), i));
            }
        }
    }

    /** The next trial, running. */
    public TrialRecord ask() {
        TrialRecord trial = TrialRecord.running(trials.size(), sampler.ask(trials.size(), history()));
        trials.add(trial);
        return trial;
    }

    /** The trial with its loss; one whose loss is no number counts as failed. */
    public TrialRecord tell(int number, double loss) {
        TrialRecord asked = trials.get(number);
        if (asked.state() != TrialRecord.State.RUNNING) {
            throw new IllegalStateException("trial %d was told already".formatted(number));
        }
        TrialRecord told = asked.told(loss);
        trials.set(number, told);
        return told;
    }

    /** All trials by number. */
    public List<TrialRecord> history() {
        return List.copyOf(trials);
    }

    /** The complete trial of the smallest loss, the first of equal ones. */
    public Optional<TrialRecord> best() {
        return best(trials);
    }

    /** The same of any history. */
    public static Optional<TrialRecord> best(List<TrialRecord> history) {
        return history.stream().filter(trial -> trial.state() == TrialRecord.State.COMPLETE)
                .min(Comparator.comparingDouble(TrialRecord::loss).thenComparingInt(TrialRecord::number));
    }
}
