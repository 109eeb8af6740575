package dev.kogata.orchestrator.flow;

import com.google.protobuf.Any;
import dev.kogata.core.allocate.Owl;
import dev.kogata.core.search.SensitivityStart;
import dev.kogata.core.search.SensitivityStart.Probe;
import dev.kogata.core.search.StartPlan;
import dev.kogata.evaluator.v1.EvaluatePlanRequest;
import dev.kogata.evaluator.v1.EvaluatePlanResult;
import dev.kogata.orchestrator.flow.ProfileStage.Profiled;
import dev.kogata.orchestrator.job.Loss;
import dev.kogata.orchestrator.plan.Plans;
import dev.kogata.orchestrator.v1.JobState;
import dev.kogata.profiler.v1.LayerOutliers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Where a search starts beside the uniform plans and progressions that it knows itself: OWL, from the profile's outliers, plans of similar
 * models in the store, and sensitivity, from probes of every part alone on a part of the search set.
 */
final class StartStage {

    /** All probes together cost no more passes over the search set than this, as long as each has {@link #FEWEST} conversations. */
    private static final int MOST_PASSES = 25;
    private static final int FEWEST = 8;
    /** A quarter of the search set tells parts apart well enough. */
    private static final int PART = 4;

    /**
     * Start plans and what was measured for them.
     *
     * @param measured probes with their losses; empty where they would have cost too much of the search
     * @param passes what the probes cost, in forward passes over the search set
     * @param skipped why there were no probes, in a sentence; empty where there were
     */
    record Starts(List<StartPlan> plans, List<Measured> measured, double passes, String skipped) {
    }

    /** Nothing. */
    static final Starts NONE = new Starts(List.of(), List.of(), 0, "");

    /** A probe's loss. */
    record Measured(Probe probe, double loss) {
    }

    private final JobContext context;
    private final Profiled profiled;

    StartStage(JobContext context, Profiled profiled) {
        this.context = context;
        this.profiled = profiled;
    }

    Starts run() {
        List<StartPlan> plans = new ArrayList<>();
        if (!profiled.outliers().isEmpty()) {
            double[] percent = profiled.outliers().stream().mapToDouble(LayerOutliers::getPercent).toArray();
            // Only differences count, so any mean will do.
            plans.add(new StartPlan("owl", Arrays.stream(new Owl(percent, Owl.LAMBDA).sparsities(0.5)).boxed().toList()));
        }
        plans.addAll(similar());
        SensitivityStart sensitivity = new SensitivityStart(context.projection());
        int conversations = profiled.search().getConversations();
        int each = each(conversations, sensitivity.probes().size());
        double passes = (double) each * sensitivity.probes().size() / Math.max(1, conversations);
        if (sensitivity.probes().isEmpty() || !worthIt(passes)) {
            return new Starts(plans, List.of(), 0, skipped(sensitivity.probes().size(), passes));
        }
        context.run().advance(JobState.SEARCHING, Progress.SEARCHING, "Measuring what every layer and every cache bears alone: " + sensitivity.probes().size() + " probes.");
        List<Measured> measured = measure(sensitivity.probes(), each);
        plans.add(sensitivity.plan(measured.stream().mapToDouble(Measured::loss).toArray()));
        return new Starts(plans, measured, passes, "");
    }

    /** What was in the store when the search began. */
    private List<StartPlan> similar() {
        Optional<Any> known = context.run().taskResult(SimilarPlans.ORIGIN);
        if (known.isPresent()) {
            return StoredStarts.plans(known.get());
        }
        List<StartPlan> found = Search.of(context.request()) == Search.TPE && context.request().getIncludeCount() == 0 && context.run().journal().isEmpty()
                ? context.similar().of(context.run().tenant(), context.model(), context.projection().cost()) : List.of();
        context.run().remember(SimilarPlans.ORIGIN, StoredStarts.message(found));
        return found;
    }

    /** A search that has begun goes on as it did, whatever has become of its trials since. */
    private boolean worthIt(double passes) {
        if (context.run().taskResult("probe/0").isPresent()) {
            return true;
        }
        return context.run().journal().isEmpty() && (Search.of(context.request()) == Search.SENSITIVITY || passes <= context.request().getTrials() / 2.0);
    }

    private String skipped(int probes, double passes) {
        if (probes == 0) {
            return "Sensitivity was not measured: there is no part of the model that could be compressed more or less.";
        }
        if (!context.run().journal().isEmpty() && passes <= context.request().getTrials() / 2.0) {
            return "Sensitivity was not measured: this job goes on with a search that had begun without it.";
        }
        return String.format(Locale.ROOT, "Sensitivity was not measured, and so is neither a start of the search nor a baseline: its %d probes cost as much as %.1f passes over the search set, "
                + "more than half of the %d trials asked for. It comes with %d trials or more, and with the search sensitivity.", probes, passes, context.request().getTrials(), (int) Math.ceil(2 * passes));
    }

    /** Conversations that each probe sees. */
    private static int each(int conversations, int probes) {
        int affordable = MOST_PASSES * conversations / Math.max(1, probes);
        return Math.min(conversations, Math.max(FEWEST, Math.min((conversations + PART - 1) / PART, affordable)));
    }

    private List<Measured> measure(List<Probe> probes, int conversations) {
        List<Supplier<Measured>> work = new ArrayList<>();
        for (int i = 0; i < probes.size(); i++) {
            String name = "probe/" + i;
            Probe probe = probes.get(i);
            work.add(() -> new Measured(probe, Loss.of(context.tasks().result(name, EvaluatePlanResult.class, id -> context.workers().evaluator().evaluatePlan(
                    EvaluatePlanRequest.newBuilder().setRequestId(id).setJob(context.name()).setModel(context.model().getManifest())
                            .setElastic(profiled.elastic()).setCalibration(profiled.calibration()).setSamples(profiled.search())
                            .setPlan(Plans.toProto(probe.plan(), context.projection().cost())).setMaximumConversations(conversations).build()),
                    Tasks.QUIET).getQuality()).value()));
        }
        return SideBySide.all(work, context.config().trialsAtOnce());
    }
}
