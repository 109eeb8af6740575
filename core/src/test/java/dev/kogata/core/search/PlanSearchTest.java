package dev.kogata.core.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kogata.core.budget.ByteBudget;
import dev.kogata.core.budget.ElasticPlan;
import dev.kogata.core.budget.ModelCost;
import dev.kogata.core.budget.Projection;
import dev.kogata.core.budget.RandomModels;
import dev.kogata.core.budget.Workload;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlanSearchTest {

    private static final ModelCost COST = RandomModels.shapesLlava(new Workload(1, 1024));
    private static final Projection PROJECTION = new Projection(COST, new ByteBudget.Ratio(0.4));

    @Test
    void everyTrialMeetsTheBudgetToTheRowAndIsMadeAgainFromItsParameters() {
        for (Granularity granularity : Granularity.values()) {
            PlanSearch search = new PlanSearch(PROJECTION, granularity, PlanSearch.Strategy.TPE, 1, List.of());
            Study study = new Study(search, List.of());
            for (int trial = 0; trial < 80; trial++) {
                double[] parameters = study.ask().parameters();
                ElasticPlan plan = search.plan(parameters);
                assertThat(PROJECTION.budgetBytes(plan) - COST.bytes(plan).total()).isBetween(0L, 512L * 4 - 1);
                assertThat(search.propose(trial, study.history().subList(0, trial)).plan()).isEqualTo(plan);
                for (int p = 0; p < parameters.length; p++) {
                    assertThat(search.parameters().get(p).contains(parameters[p])).isTrue();
                }
                study.tell(trial, SyntheticLoss.of(COST, plan));
            }
        }
    }

    @Test
    void startsWithUniformPlansOfEveryWidthThenProgressionsThenTheCallers() {
        List<Double> owl = List.of(-0.08, -0.04, 0.0, 0.0, 0.02, 0.03, 0.03, 0.04);
        PlanSearch search = new PlanSearch(PROJECTION, Granularity.LAYER, PlanSearch.Strategy.TPE, 1, List.of(new StartPlan("owl", owl)));
        Study study = new Study(search, List.of());
        List<String> origins = new ArrayList<>();
        List<ElasticPlan> plans = new ArrayList<>();
        for (int trial = 0; trial < search.startPlans() + 1; trial++) {
            ElasticPlan plan = search.plan(study.ask().parameters());
            plans.add(plan);
            origins.add(search.origin(trial));
            study.tell(trial, SyntheticLoss.of(COST, plan));
        }
        assertThat(origins).containsExactly("uniform", "uniform", "uniform", "uniform", "uniform", "uniform", "uniform",
                "arithmetic-progression", "arithmetic-progression", "owl", "refinement");
        assertThat(search.origin(13)).isEqualTo("tpe");
        assertThat(plans.subList(0, 5).stream().map(plan -> plan.keyBits().get(0))).containsExactlyInAnyOrder(2, 3, 4, 6, 8);
        assertThat(plans.get(0)).isEqualTo(PROJECTION.uniform(4).orElseThrow());
        // The progressions take the best uniform width measured: with this loss not the narrowest.
        assertThat(plans.get(7).keyBits()).isEqualTo(plans.get(9).keyBits()).doesNotContain(2);
        assertThat(COST.sparsity(49, plans.get(7).weights().get(49)) - COST.sparsity(0, plans.get(7).weights().get(0))).isBetween(0.15, 0.17);
    }

    @Test
    void goesOnFromItsJournalBitForBit() {
        List<TrialRecord> whole = journal(new PlanSearch(PROJECTION, Granularity.LAYER, PlanSearch.Strategy.TPE, 7, List.of()), List.of(), 60);
        for (int killedAt : new int[] {0, 3, 8, 9, 33, 59}) {
            PlanSearch again = new PlanSearch(PROJECTION, Granularity.LAYER, PlanSearch.Strategy.TPE, 7, List.of());
            assertThat(SamplerContract.values(journal(again, whole.subList(0, killedAt), 60))).isEqualTo(SamplerContract.values(whole));
        }
    }

    @Test
    void findsBetterPlansThanRandomAndThanItsStartPlansAtTheSameTrials() {
        int better = 0;
        for (long seed = 0; seed < 4; seed++) {
            List<TrialRecord> tpe = journal(new PlanSearch(PROJECTION, Granularity.LAYER, PlanSearch.Strategy.TPE, seed, List.of()), List.of(), 100);
            List<TrialRecord> random = journal(new PlanSearch(PROJECTION, Granularity.LAYER, PlanSearch.Strategy.RANDOM, seed, List.of()), List.of(), 100);
            double best = PlanSearch.best(tpe).orElseThrow().loss();
            double start = PlanSearch.best(tpe.subList(0, 9)).orElseThrow().loss();
            better += best < PlanSearch.best(random).orElseThrow().loss() && best < start ? 1 : 0;
        }
        assertThat(better).isGreaterThanOrEqualTo(3);
    }

    @Test
    void movingTheBestPlanFindsBetterOnesThanTheEstimatorAloneAtTheSameTrials() {
        int better = 0;
        for (long seed = 0; seed < 4; seed++) {
            double[] best = new double[2];
            for (int i = 0; i < 2; i++) {
                PlanSearch.Strategy strategy = i == 0 ? PlanSearch.Strategy.TPE : PlanSearch.Strategy.PURE_TPE;
                best[i] = PlanSearch.best(journal(new PlanSearch(PROJECTION, Granularity.LAYER, strategy, seed, List.of()), List.of(), 100)).orElseThrow().loss();
            }
            better += best[0] < best[1] ? 1 : 0;
        }
        assertThat(better).isGreaterThanOrEqualTo(3);
    }

    @Test
    void triesNoPlanTwiceWhileItRefines() {
        List<TrialRecord> journal = journal(new PlanSearch(PROJECTION, Granularity.LAYER, PlanSearch.Strategy.TPE, 3, List.of()), List.of(), 100);
        assertThat(SamplerContract.values(journal)).doesNotHaveDuplicates();
    }

    @Test
    void searchesModelsWithoutCacheAndLayersWithoutWeights() {
        ModelCost encoder = new ModelCost(0, COST.weights(), List.of(), new Workload(1, 1));
        Projection half = new Projection(encoder, new ByteBudget.Ratio(0.5));
        PlanSearch search = new PlanSearch(half, Granularity.LAYER, PlanSearch.Strategy.TPE, 1, List.of());
        assertThat(search.parameters()).hasSize(8);
        for (TrialRecord trial : journal(search, List.of(), 20)) {
            assertThat(half.budgetBytes(search.plan(trial.parameters())) - encoder.bytes(search.plan(trial.parameters())).total()).isBetween(0L, 512L * 4 - 1);
        }
        ModelCost cacheOnly = new ModelCost(0, List.of(), COST.cacheLayers(), new Workload(1, 1024));
        PlanSearch narrow = new PlanSearch(new Projection(cacheOnly, new ByteBudget.Ratio(0.2)), Granularity.LAYER, PlanSearch.Strategy.TPE, 1, List.of());
        for (TrialRecord trial : journal(narrow, List.of(), 20)) {
            assertThat(cacheOnly.bytes(narrow.plan(trial.parameters())).total()).isLessThanOrEqualTo((long) (0.2 * cacheOnly.denseBytes()));
        }
    }

    @Test
    void refusesAStartPlanOfAnotherModel() {
        StartPlan wrong = new StartPlan("owl", Collections.nCopies(5, 0.0));
        assertThatThrownBy(() -> new PlanSearch(PROJECTION, Granularity.LAYER, PlanSearch.Strategy.TPE, 1, List.of(wrong)))
                .hasMessageContaining("owl").hasMessageContaining("5 sparsities");
    }

    private static List<TrialRecord> journal(PlanSearch search, List<TrialRecord> from, int trials) {
        Study study = new Study(search, from);
        for (int trial = from.size(); trial < trials; trial++) {
            ElasticPlan plan = search.plan(study.ask().parameters());
            study.tell(trial, plan.weights().isEmpty() ? plan.keyBits().get(0) : SyntheticLoss.of(COST, plan));
        }
        return study.history();
    }
}
