package dev.kogata.core.search;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kogata.core.budget.ByteBudget;
import dev.kogata.core.budget.ModelCost;
import dev.kogata.core.budget.Projection;
import dev.kogata.core.budget.RandomModels;
import dev.kogata.core.budget.Workload;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ParetoSearchTest {

    private static final ModelCost COST = RandomModels.shapesLlava(new Workload(1, 1024));

    @Test
    void everyPlanMeetsItsOwnBudgetToTheRow() {
        var reachable = Projection.reachable(COST);
        for (TrialRecord trial : journal(new ParetoSearch(COST, Granularity.LAYER, 3), List.of(), 40)) {
            long budget = reachable.minimum() + Math.round(trial.parameters()[0] * (reachable.maximum() - reachable.minimum()));
            assertThat(budget - bytes(trial)).isBetween(0L, 512L * 4 - 1);
        }
    }

    @Test
    void spreadsOverTheWholeFrontAndDominatesUniformPlans() {
        List<TrialRecord> journal = journal(new ParetoSearch(COST, Granularity.LAYER, 5), List.of(), 150);
        double[] reference = {COST.denseBytes(), 1};
        double all = Hypervolume.of(losses(journal), reference);
        assertThat(all).isGreaterThan(Hypervolume.of(losses(journal.subList(0, 9)), reference));
        List<ParetoTrial> front = ParetoTrial.front(journal.stream().map(t -> ParetoTrial.running(t.number(), t.parameters()).told(bytes(t), t.loss())).toList());
        assertThat(front).hasSizeGreaterThan(8);
        assertThat(front.stream().mapToDouble(t -> t.losses()[0]).max().orElseThrow() / front.stream().mapToDouble(t -> t.losses()[0]).min().orElseThrow()).isGreaterThan(2);
    }

    @Test
    void goesOnFromItsJournalBitForBit() {
        List<TrialRecord> whole = journal(new ParetoSearch(COST, Granularity.LAYER, 7), List.of(), 30);
        for (int killedAt : new int[] {0, 5, 12, 29}) {
            assertThat(SamplerContract.values(journal(new ParetoSearch(COST, Granularity.LAYER, 7), whole.subList(0, killedAt), 30))).isEqualTo(SamplerContract.values(whole));
        }
    }

    private static double[][] losses(List<TrialRecord> journal) {
        return journal.stream().map(trial -> new double[] {bytes(trial), trial.loss()}).toArray(double[][]::new);
    }

    private static long bytes(TrialRecord trial) {
        return COST.bytes(new ParetoSearch(COST, Granularity.LAYER, 0).plan(trial.parameters())).total();
    }

    private static List<TrialRecord> journal(ParetoSearch search, List<TrialRecord> from, int trials) {
        Study study = new Study(new Sampler() {
            @Override
            public List<Parameter> parameters() {
                return List.of();
            }

            @Override
            public double[] ask(int number, List<TrialRecord> history) {
                return search.propose(number, history).parameters();
            }
        }, new ArrayList<>(from));
        for (int trial = from.size(); trial < trials; trial++) {
            double[] parameters = study.ask().parameters();
            study.tell(trial, SyntheticLoss.of(COST, search.plan(parameters)));
        }
        return study.history();
    }
}
