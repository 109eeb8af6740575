package dev.kogata.orchestrator.flow;

import dev.kogata.core.search.Proposal;
import dev.kogata.core.search.SearchProcedure;
import dev.kogata.core.search.TrialRecord;
import dev.kogata.orchestrator.job.Trial;
import dev.kogata.orchestrator.plan.Plans;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.IntUnaryOperator;

/**
 * Trials of one procedure, several at once, until there are enough. The journal is the search: a proposal depends on seed, number
 * and history alone, so a search that was killed goes on from its journal; with one trial at a time it ends in the same plan. With
 * several, the journal says of every proposal which losses it knew. Used by one thread.
 */
final class TrialLoop {

    private final JobContext context;
    private final SearchProcedure procedure;
    /** The procedure's numbers run from 0; the journal's may not. */
    private final IntUnaryOperator numbers;
    private final BiFunction<Trial, List<Trial>, Trial> measurement;
    private final BiConsumer<Trial, List<Trial>> told;
    /** All trials asked so far, by the procedure's number. */
    private final TreeMap<Integer, Trial> journal = new TreeMap<>();
    private int moment;

    /**
     * @param numbers the journal's number for a procedure's, its own inverse
     * @param known trials of this procedure that stand in the journal
     * @param measurement measures a trial, given all trials when it was asked; called from several threads
     * @param told writes down a trial that is done, given all trials
     */
    TrialLoop(JobContext context, SearchProcedure procedure, IntUnaryOperator numbers, List<Trial> known,
            BiFunction<Trial, List<Trial>, Trial> measurement, BiConsumer<Trial, List<Trial>> told) {
        this.context = context;
        this.procedure = procedure;
        this.numbers = numbers;
        this.measurement = measurement;
        this.told = told;
        for (Trial trial : known) {
            journal.put(numbers.applyAsInt(trial.number()), trial);
            moment = Math.max(moment, Math.max(trial.moments().asked(), trial.moments().told()));
        }
    }

    /** All trials, done, by the procedure's number. */
    List<Trial> run(int trials) {
        int atOnce = context.config().trialsAtOnce();
        ExecutorService threads = Executors.newFixedThreadPool(atOnce, task -> {
            Thread thread = new Thread(task, "trials-" + context.name());
            thread.setDaemon(true);
            return thread;
        });
        try {
            measureAll(new ExecutorCompletionService<>(threads), atOnce, trials);
            return all();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StopSignal.Stopped();
        } finally {
            threads.shutdownNow();
        }
    }

    private void measureAll(CompletionService<Trial> measuring, int atOnce, int trials) throws InterruptedException {
        // Trials that were asked but not measured when the search was interrupted come first, with the plans they had.
        Deque<Trial> asked = new ArrayDeque<>(journal.values().stream().filter(trial -> !trial.done()).toList());
        int running = 0;
        while (true) {
            while (running < atOnce && (!asked.isEmpty() || journal.size() < trials)) {
                Trial next = asked.isEmpty() ? ask(journal.size()) : asked.poll();
                if (next.bytes() > procedure.limit(Plans.fromProto(next.plan()))) {
                    tell(next.infeasible());
                    continue;
                }
                List<Trial> before = all();
                measuring.submit(() -> measurement.apply(next, before));
                running++;
            }
            if (running == 0) {
                return;
            }
            try {
                tell(measuring.take().get());
                running--;
            } catch (ExecutionException e) {
                throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
            }
        }
    }

    private Trial ask(int number) {
        context.stop().check();
        long began = System.nanoTime();
        Proposal proposal = procedure.propose(number, history());
        double seconds = (System.nanoTime() - began) / 1e9;
        var cost = context.projection().cost();
        Trial trial = Trial.asked(numbers.applyAsInt(number), proposal.origin(), proposal.parameters(), Plans.toProto(proposal.plan(), cost),
                cost.bytes(proposal.plan()).total(), ++moment, seconds);
        context.run().trialAsked(trial);
        journal.put(number, trial);
        return trial;
    }

    private void tell(Trial done) {
        Trial trial = done.told(++moment);
        journal.put(numbers.applyAsInt(trial.number()), trial);
        told.accept(trial, all());
    }

    private List<Trial> all() {
        return List.copyOf(journal.values());
    }

    private List<TrialRecord> history() {
        return journal.entrySet().stream().map(entry -> entry.getValue().record(entry.getKey())).toList();
    }
}
