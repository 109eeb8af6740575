package dev.kogata.orchestrator.flow;

import dev.kogata.common.v1.Quality;
import dev.kogata.common.v1.Reason;
import dev.kogata.core.budget.ElasticPlan;
import dev.kogata.core.budget.ModelCost;
import dev.kogata.core.search.Granularity;
import dev.kogata.core.search.PlanSearch;
import dev.kogata.core.search.TrialRecord;
import dev.kogata.evaluator.v1.EvaluatePlanRequest;
import dev.kogata.evaluator.v1.EvaluatePlanResult;
import dev.kogata.kit.error.KogataException;
import dev.kogata.orchestrator.flow.ProfileStage.Profiled;
import dev.kogata.orchestrator.job.Trial;
import dev.kogata.orchestrator.plan.Plans;
import dev.kogata.orchestrator.v1.JobState;
import dev.kogata.orchestrator.v1.TrialEvent;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Tries plans until all trials are measured. The journal is the search: a proposal depends on seed, number and history alone, so
 * a search that was killed goes on from its journal; with one trial at a time it ends in the same plan.
 */
final class SearchStage {

    private final JobContext context;
    private final Profiled profiled;
    private final PlanSearch search;
    private final ModelCost cost;
    private final int trials;
    /** All trials asked so far, by number. */
    private final TreeMap<Integer, Trial> journal = new TreeMap<>();

    SearchStage(JobContext context, Profiled profiled) {
        this.context = context;
        this.profiled = profiled;
        this.cost = context.projection().cost();
        this.trials = context.request().getTrials();
        this.search = new PlanSearch(context.projection(), Granularity.LAYER, PlanSearch.Strategy.TPE, context.request().getSeed(), List.of());
    }

    /** All trials, measured, by number; at least one with a loss that is a number. */
    List<Trial> run() {
        context.run().journal().forEach(trial -> journal.put(trial.number(), trial));
        context.run().advance(JobState.SEARCHING, Progress.SEARCHING, "Searching: " + trials + " trials.");
        int atOnce = context.config().trialsAtOnce();
        ExecutorService threads = Executors.newFixedThreadPool(atOnce, task -> {
            Thread thread = new Thread(task, "trials-" + context.name());
            thread.setDaemon(true);
            return thread;
        });
        try {
            measureAll(new ExecutorCompletionService<>(threads), atOnce);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StopSignal.Stopped();
        } finally {
            threads.shutdownNow();
        }
        if (best().isEmpty()) {
            throw new KogataException(Reason.NUMERICAL_FAILURE, "No trial of the search gave a divergence that is a number; the model's answers are not finite.");
        }
        return List.copyOf(journal.values());
    }

    private void measureAll(CompletionService<Trial> measuring, int atOnce) throws InterruptedException {
        // Trials that were asked but not measured when the search was interrupted come first, with the plans they had.
        Deque<Trial> asked = new ArrayDeque<>(journal.values().stream().filter(trial -> trial.quality().isEmpty()).toList());
        int running = 0;
        while (true) {
            while (running < atOnce && (!asked.isEmpty() || journal.size() < trials)) {
                Trial next = asked.isEmpty() ? ask(journal.size()) : asked.poll();
                measuring.submit(() -> measure(next));
                running++;
            }
            if (running == 0) {
                return;
            }
            try {
                told(measuring.take().get());
                running--;
            } catch (ExecutionException e) {
                throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
            }
        }
    }

    private Trial ask(int number) {
        context.stop().check();
        List<TrialRecord> history = journal.values().stream().map(SearchStage::record).toList();
        PlanSearch.Proposal proposal = search.propose(number, history);
        ElasticPlan plan = proposal.plan();
        Trial trial = new Trial(number, proposal.origin(), proposal.parameters(), Plans.toProto(plan, cost), cost.bytes(plan).total(), Optional.empty());
        context.run().trialAsked(trial);
        journal.put(number, trial);
        return trial;
    }

    private Trial measure(Trial trial) {
        Quality quality = context.tasks().result("trial/" + trial.number(), EvaluatePlanResult.class,
                id -> context.workers().evaluator().evaluatePlan(EvaluatePlanRequest.newBuilder().setRequestId(id).setJob(context.name())
                        .setModel(context.model().getManifest()).setElastic(profiled.elastic()).setCalibration(profiled.calibration())
                        .setSamples(profiled.search()).setPlan(trial.plan()).build()), Tasks.QUIET).getQuality();
        return trial.measured(quality);
    }

    private void told(Trial trial) {
        journal.put(trial.number(), trial);
        int finished = (int) journal.values().stream().filter(t -> t.quality().isPresent()).count();
        Trial best = best().orElse(trial);
        TrialEvent event = TrialEvent.newBuilder().setNumber(trial.number()).setLoss(trial.loss()).setBytes(trial.bytes())
                .setBestLoss(best.loss()).setBestNumber(best.number()).setOrigin(trial.origin()).setTrials(trials)
                .addAllLayers(Plans.allocation(Plans.fromProto(trial.plan()), cost)).build();
        context.run().trialMeasured(trial, Progress.SEARCHING + (Progress.COMPRESSING - Progress.SEARCHING) * finished / Math.max(trials, finished),
                String.format(Locale.ROOT, "Trial %d of %d: loss %.3g, best %.3g.", finished, trials, trial.loss(), best.loss()), event);
    }

    private Optional<Trial> best() {
        return byLoss(List.copyOf(journal.values())).stream().findFirst();
    }

    /** Measured trials with a loss that is a number, best first, the earlier of equal ones first. */
    static List<Trial> byLoss(List<Trial> journal) {
        return journal.stream().filter(trial -> trial.quality().isPresent() && Double.isFinite(trial.loss()))
                .sorted(Comparator.comparingDouble(Trial::loss).thenComparingInt(Trial::number)).toList();
    }

    private static TrialRecord record(Trial trial) {
        TrialRecord asked = TrialRecord.running(trial.number(), trial.parameters());
        return trial.quality().isPresent() ? asked.told(trial.loss()) : asked;
    }
}
