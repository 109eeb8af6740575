package dev.kogata.orchestrator.flow;

import dev.kogata.common.v1.Reason;
import dev.kogata.core.search.Granularity;
import dev.kogata.core.search.PaperSearch;
import dev.kogata.core.search.ParetoSearch;
import dev.kogata.core.search.PlanSearch;
import dev.kogata.core.search.SearchProcedure;
import dev.kogata.core.search.StartPlan;
import dev.kogata.evaluator.v1.EvaluatePlanRequest;
import dev.kogata.evaluator.v1.EvaluatePlanResult;
import dev.kogata.kit.error.KogataException;
import dev.kogata.orchestrator.flow.ProfileStage.Profiled;
import dev.kogata.orchestrator.flow.StartStage.Starts;
import dev.kogata.orchestrator.job.Trial;
import dev.kogata.orchestrator.plan.Plans;
import dev.kogata.orchestrator.v1.JobState;
import dev.kogata.orchestrator.v1.TrialEvent;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * Tries plans until all trials are measured, then what every job is compared with: the plans that a search by TPE starts
 * with, where this one is another search.
 */
final class SearchStage {

    /**
     * All that was tried, measured on the search set.
     *
     * @param trials the search, by number
     * @param baselines plans measured beside it, which have negative numbers; empty where the search starts with them
     * @param starts what it started with
     */
    record Searched(List<Trial> trials, List<Trial> baselines, Starts starts) {

        /** Both. */
        List<Trial> all() {
            List<Trial> all = new ArrayList<>(trials);
            all.addAll(baselines);
            return all;
        }
    }

    /** TPE learns from at most so many good trials. */
    private static final int KEPT = 25;

    private final JobContext context;
    private final Profiled profiled;
    private final Search search;
    private int trials;

    SearchStage(JobContext context, Profiled profiled) {
        this.context = context;
        this.profiled = profiled;
        this.search = Search.of(context.request());
    }

    private SearchProcedure procedure(List<StartPlan> starts) {
        long seed = context.request().getSeed();
        if (context.request().getPareto()) {
            return new ParetoSearch(context.projection().cost(), granularity(), seed);
        }
        return switch (search) {
            case PAPER -> new PaperSearch(context.projection().cost(), context.run().job().getBudgetBytes(), seed);
            case TPE -> plans(PlanSearch.Strategy.TPE, starts);
            case RANDOM -> plans(PlanSearch.Strategy.RANDOM, List.of());
            case UNIFORM, OWL, ARITHMETIC_PROGRESSION, SENSITIVITY -> plans(PlanSearch.Strategy.STARTS, starts);
        };
    }

    private PlanSearch plans(PlanSearch.Strategy strategy, List<StartPlan> starts) {
        return new PlanSearch(context.projection(), granularity(), strategy, context.request().getSeed(), starts);
    }

    private Granularity granularity() {
        return Granularity.valueOf(context.request().getGranularity().toUpperCase(Locale.ROOT));
    }

    /** Everything measured; at least one deliverable trial has a loss that is a number. */
    Searched run() {
        boolean front = context.request().getPareto();
        Starts starts = front ? StartStage.NONE : new StartStage(context, profiled).run();
        List<Trial> journal = context.run().journal();
        List<Trial> known = journal.stream().filter(trial -> trial.number() >= 0).toList();
        if (!context.request().getFromJob().isEmpty()) {
            // A point of a front is delivered: its trial came with it, and there is nothing to search.
            return new Searched(known, baselines(journal, starts), starts);
        }
        SearchProcedure procedure = procedure(starts.plans());
        trials = procedure.trials(context.request().getTrials());
        context.run().advance(JobState.SEARCHING, Progress.SEARCHING, "Searching: " + trials + " trials.");
        List<Trial> searched = new TrialLoop(context, procedure, number -> number, known,
                (trial, before) -> measure("trial/" + trial.number(), trial, front ? 0 : stopAbove(trial, before)), this::told).run(trials);
        requireOne(searched);
        return new Searched(searched, front || search.startsWithBaselines() ? List.of() : baselines(journal, starts), starts);
    }

    private List<Trial> baselines(List<Trial> journal, Starts starts) {
        PlanSearch rules = plans(PlanSearch.Strategy.STARTS, starts.plans());
        return new TrialLoop(context, rules, number -> -1 - number, journal.stream().filter(trial -> trial.number() < 0).toList(),
                (trial, before) -> measure("baseline/" + (-1 - trial.number()), trial, 0), (trial, all) -> context.run().baselineMeasured(trial))
                .run(rules.startPlans());
    }

    private Trial measure(String task, Trial trial, double stopAbove) {
        EvaluatePlanResult result = context.tasks().result(task, EvaluatePlanResult.class,
                id -> context.workers().evaluator().evaluatePlan(EvaluatePlanRequest.newBuilder().setRequestId(id).setJob(context.name())
                        .setModel(context.model().getManifest()).setElastic(profiled.elastic()).setCalibration(profiled.calibration())
                        .setSamples(profiled.search()).setPlan(trial.plan()).setStopAbove(stopAbove).build()), Tasks.QUIET);
        return result.getStopped() ? trial.stopped(result.getQuality()) : trial.measured(result.getQuality());
    }

    /**
     * The loss above which a trial need not be measured to its end, 0 for none: that of the {@value #KEPT}th best trial told before it
     * was asked, so the same after a restart. Nothing above it is ever among the good ones of TPE or among the finalists, so the search is the
     * same as without. Random plans stand for themselves in the report and are measured whole.
     */
    private static double stopAbove(Trial trial, List<Trial> before) {
        if (trial.origin().equals("random")) {
            return 0;
        }
        List<Trial> known = byLoss(before.stream().filter(other -> other.moments().told() > 0 && other.moments().told() < trial.moments().asked()).toList());
        return known.size() < KEPT ? 0 : known.get(KEPT - 1).loss();
    }

    private void told(Trial trial, List<Trial> all) {
        int finished = (int) all.stream().filter(Trial::done).count();
        Trial best = byLoss(all).stream().findFirst().orElse(trial);
        TrialEvent event = TrialEvent.newBuilder().setNumber(trial.number()).setLoss(trial.loss()).setBytes(trial.bytes())
                .setBestLoss(best.loss()).setBestNumber(best.number()).setOrigin(trial.origin()).setTrials(trials).setOutcome(trial.state().word())
                .addAllLayers(Plans.allocation(Plans.fromProto(trial.plan()), context.projection().cost())).build();
        context.run().trialMeasured(trial, Progress.SEARCHING + (Progress.COMPRESSING - Progress.SEARCHING) * finished / Math.max(trials, finished),
                String.format(Locale.ROOT, "Trial %d of %d: %s, best %.3g.", finished, trials, said(trial), best.loss()), event);
    }

    private static String said(Trial trial) {
        return switch (trial.state()) {
            case INFEASIBLE -> "over the budget, not measured";
            case STOPPED -> String.format(Locale.ROOT, "stopped at a loss of at least %.3g", trial.loss());
            case COMPLETE, RUNNING -> String.format(Locale.ROOT, "loss %.3g", trial.loss());
        };
    }

    private void requireOne(List<Trial> searched) {
        if (searched.stream().allMatch(trial -> trial.state() == Trial.State.INFEASIBLE)) {
            throw new KogataException(Reason.NO_PLAN_FITS, String.format(Locale.ROOT,
                    "None of the %d plans that the search %s tried fits the budget of %d bytes; give more trials, a larger budget, or the search tpe, whose plans all fit.",
                    searched.size(), context.request().getSearch(), context.run().job().getBudgetBytes()));
        }
        if (searched.stream().noneMatch(search::delivers)) {
            throw new KogataException(Reason.NO_PLAN_FITS, "The rule " + search.word() + " makes no plan for this model: it spreads sparsity over layers, and there are too few; give the search tpe.");
        }
        if (byLoss(searched).stream().noneMatch(search::delivers)) {
            throw new KogataException(Reason.NUMERICAL_FAILURE, "No trial of the search gave a loss that is a number; what the model gives is not finite.");
        }
    }

    /** Trials measured whole with a loss that is a number, best first, the earlier of equal ones first. */
    static List<Trial> byLoss(List<Trial> journal) {
        return journal.stream().filter(trial -> trial.state() == Trial.State.COMPLETE && Double.isFinite(trial.loss()))
                .sorted(Comparator.comparingDouble(Trial::loss).thenComparingInt(Trial::number)).toList();
    }
}
