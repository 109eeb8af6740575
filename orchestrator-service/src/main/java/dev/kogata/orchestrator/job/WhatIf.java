package dev.kogata.orchestrator.job;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.kogata.common.v1.Budget;
import dev.kogata.common.v1.Inspection;
import dev.kogata.common.v1.Reason;
import dev.kogata.core.budget.Projection;
import dev.kogata.core.budget.VersionGrid;
import dev.kogata.core.search.SensitivityStart;
import dev.kogata.evaluator.v1.EvaluatePlanResult;
import dev.kogata.kit.error.KogataException;
import dev.kogata.orchestrator.catalog.Models;
import dev.kogata.orchestrator.plan.CacheFormats;
import dev.kogata.orchestrator.plan.IncludedParts;
import dev.kogata.orchestrator.plan.Plans;
import dev.kogata.orchestrator.v1.Job;
import dev.kogata.orchestrator.v1.JobRequest;
import dev.kogata.orchestrator.v1.WhatIfResponse;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What another budget would lose, estimated from the journal of a search that was made already: along its front, where it has one;
 * else by the sensitivities that it started with, brought to what its own best plan really lost. Measures nothing. Thread-safe.
 */
public final class WhatIf {

    private final Jobs jobs;
    private final JobStore store;
    private final Models models;

    public WhatIf(Jobs jobs, JobStore store, Models models) {
        this.jobs = jobs;
        this.store = store;
        this.models = models;
    }

    /** Refuses a budget that the model cannot reach, and a job whose journal says nothing of other budgets. */
    public WhatIfResponse answer(String tenant, String name, Budget budget) {
        Job job = jobs.get(tenant, name);
        var request = job.getRequest();
        var model = models.get(tenant, request.getModel());
        Inspection inspection = IncludedParts.of(model.getInspection(), request.getIncludeList());
        Projection asked = Plans.projection(inspection, request.getWorkload(), budget, CacheFormats.of(request.getFormat()));
        long bytes = Plans.budgetBytes(asked);
        String id = Jobs.id(name).orElseThrow();
        List<Trial> journal = store.journal(id);
        WhatIfResponse.Builder answer = WhatIfResponse.newBuilder().setJob(name).setBudgetBytes(bytes).setEstimate(true);
        if (request.getPareto()) {
            return estimated(answer, inspection, alongTheFront(job, Fronts.of(journal), bytes))
                    .setHow("Read off the front of the job's search, between its neighbouring points on a logarithmic scale; nothing was measured at this budget.").build();
        }
        Optional<VersionGrid> bank = KnownBank.versions(store, id);
        SensitivityStart probed = new SensitivityStart(bank.map(versions -> Plans.projection(inspection, request, versions))
                .orElseGet(() -> Plans.projection(inspection, request)));
        double[] losses = probes(job, id, probed);
        double best = Fronts.measured(journal).stream().min(Comparator.comparingDouble(Trial::loss)).map(Trial::loss).orElseThrow(() -> nothingKnown(job));
        double scale = best / Math.max(Double.MIN_NORMAL, probed.loss(losses));
        Projection there = bank.flatMap(versions -> within(inspection, request.toBuilder().setBudget(budget).build(), versions)).orElse(asked);
        return estimated(answer, inspection, scale * probed.under(there).loss(losses))
                .setHow("The losses of single layers and caches, measured before the job's search, added up for the best plan at this budget, and scaled by what the search's own best plan "
                        + "lost against that sum at its budget; nothing was measured at this budget.").build();
    }

    private static WhatIfResponse.Builder estimated(WhatIfResponse.Builder answer, Inspection model, double loss) {
        return Objective.of(model).answers() ? answer.setEstimatedKl(loss) : answer.setEstimatedFeatureError(loss);
    }

    /** The budget in versions of the job's bank; empty where it takes sparser ones, which a job for it would have built. */
    private static Optional<Projection> within(Inspection model, JobRequest request, VersionGrid bank) {
        try {
            return Optional.of(Plans.projection(model, request, bank));
        } catch (KogataException e) {
            if (e.reason() != Reason.BUDGET_UNREACHABLE) {
                throw e;
            }
            return Optional.empty();
        }
    }

    private static double alongTheFront(Job job, List<Trial> front, long bytes) {
        if (front.isEmpty()) {
            throw nothingKnown(job);
        }
        Trial before = front.get(0);
        for (Trial after : front) {
            if (after.bytes() >= bytes) {
                return after == before || after.bytes() == before.bytes() ? after.loss() : between(before, after, bytes);
            }
            before = after;
        }
        return before.loss();
    }

    private static double between(Trial before, Trial after, long bytes) {
        double share = (bytes - before.bytes()) / (double) (after.bytes() - before.bytes());
        return after.loss() <= 0 || before.loss() <= 0 ? before.loss() + share * (after.loss() - before.loss())
                : Math.exp(Math.log(before.loss()) + share * (Math.log(after.loss()) - Math.log(before.loss())));
    }

    private double[] probes(Job job, String id, SensitivityStart probed) {
        double[] losses = new double[probed.probes().size()];
        for (int i = 0; i < losses.length; i++) {
            Optional<EvaluatePlanResult> result = store.taskResult(id, "probe/" + i).map(any -> {
                try {
                    return any.unpack(EvaluatePlanResult.class);
                } catch (InvalidProtocolBufferException e) {
                    throw new IllegalStateException("a probe's result is no measurement", e);
                }
            });
            losses[i] = Loss.of(result.orElseThrow(() -> nothingKnown(job)).getQuality()).value();
        }
        if (losses.length == 0) {
            throw nothingKnown(job);
        }
        return losses;
    }

    private static KogataException nothingKnown(Job job) {
        return new KogataException(Reason.STATE_WRONG, "The journal of " + job.getName() + " says nothing of other budgets: its search measured no sensitivities, or has not come so far; "
                + "start a job for this budget, or one with pareto.", Map.of("state", job.getState().name(), "name", job.getName()));
    }
}
