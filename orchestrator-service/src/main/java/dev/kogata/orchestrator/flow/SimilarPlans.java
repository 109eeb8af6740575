package dev.kogata.orchestrator.flow;

import dev.kogata.common.v1.Inspection;
import dev.kogata.common.v1.Weight;
import dev.kogata.core.budget.ModelCost;
import dev.kogata.core.search.StartPlan;
import dev.kogata.orchestrator.catalog.Models;
import dev.kogata.orchestrator.job.JobStore;
import dev.kogata.orchestrator.v1.Job;
import dev.kogata.orchestrator.v1.LayerAllocation;
import dev.kogata.orchestrator.v1.Model;
import dev.kogata.orchestrator.v1.TrialEvent;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Best plans of a tenant's earlier jobs on other models of as many layers, or of the same kinds of weights: where what one model
 * bears says something about another. A plan of another number of layers is stretched over the depth. Jobs on the very
 * same model are left out: the same job twice would not be the same job. Thread-safe.
 */
final class SimilarPlans {

    static final String ORIGIN = "similar";
    /** So many of the tenant's latest jobs are looked at, and so many models taken. */
    private static final int LOOKED_AT = 100;
    private static final int MOST = 2;

    private final JobStore store;
    private final Models models;

    SimilarPlans(JobStore store, Models models) {
        this.store = store;
        this.models = models;
    }

    /** Plans to start with, of the latest jobs first. */
    List<StartPlan> of(String tenant, Model model, ModelCost cost) {
        List<StartPlan> plans = new ArrayList<>();
        Set<String> seen = new HashSet<>(Set.of(model.getSha256()));
        for (Job job : store.succeeded(tenant, LOOKED_AT)) {
            Model other = models.get(tenant, job.getRequest().getModel());
            if (plans.size() == MOST || job.getRequest().getPareto() || job.getRequest().getIncludeCount() > 0 || !similar(model.getInspection(), other.getInspection()) || !seen.add(other.getSha256())) {
                continue;
            }
            best(job).ifPresent(trial -> plans.add(stretched(trial.getLayersList(), cost)));
        }
        return plans;
    }

    private static boolean similar(Inspection one, Inspection other) {
        if (one.getWeightsCount() == 0 || other.getWeightsCount() == 0 || one.getCacheLayersCount() > 0 != other.getCacheLayersCount() > 0) {
            return false;
        }
        return layers(one).size() == layers(other).size() || roles(one).equals(roles(other));
    }

    private static Set<Integer> layers(Inspection model) {
        return model.getWeightsList().stream().map(Weight::getLayer).collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> roles(Inspection model) {
        return model.getWeightsList().stream().map(Weight::getRole).collect(Collectors.toSet());
    }

    /** The trial with the smallest loss of those measured whole, as the job's events tell it. */
    private Optional<TrialEvent> best(Job job) {
        TrialEvent best = null;
        for (TrialEvent trial : store.trialEvents(job)) {
            boolean whole = trial.getOutcome().isEmpty() || trial.getOutcome().equals("complete");
            if (whole && Double.isFinite(trial.getLoss()) && (best == null || trial.getLoss() < best.getLoss())) {
                best = trial;
            }
        }
        return Optional.ofNullable(best).filter(trial -> trial.getLayersCount() > 0);
    }

    private static StartPlan stretched(List<LayerAllocation> from, ModelCost cost) {
        List<Integer> layers = List.copyOf(cost.weights().stream().map(weight -> weight.layer()).collect(Collectors.toCollection(TreeSet::new)));
        List<Double> sparsity = new ArrayList<>();
        for (int i = 0; i < layers.size(); i++) {
            sparsity.add(at(from, i, layers.size()).getSparsity());
        }
        List<Integer> keyBits = new ArrayList<>();
        List<Integer> valueBits = new ArrayList<>();
        for (int i = 0; i < cost.cacheLayers().size(); i++) {
            LayerAllocation given = at(from, i, cost.cacheLayers().size());
            keyBits.add(given.getKeyBits());
            valueBits.add(given.getValueBits());
        }
        return new StartPlan(ORIGIN, sparsity, keyBits, valueBits);
    }

    /** The layer at the same share of the depth. */
    private static LayerAllocation at(List<LayerAllocation> from, int place, int places) {
        return from.get(places < 2 ? 0 : (int) Math.round(place * (from.size() - 1.0) / (places - 1)));
    }
}
