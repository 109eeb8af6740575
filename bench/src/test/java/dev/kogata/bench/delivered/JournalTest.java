package dev.kogata.bench.delivered;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kogata.core.budget.ElasticPlan;
import dev.kogata.core.budget.ModelCost;
import dev.kogata.core.budget.WeightShape;
import dev.kogata.core.budget.WeightStep;
import dev.kogata.core.budget.Workload;
import dev.kogata.core.search.Proposal;
import dev.kogata.core.search.SearchProcedure;
import dev.kogata.core.search.TrialRecord;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class JournalTest {
    private final ModelCost cost = new ModelCost(0, List.of(new WeightShape("w", 0, 64, 64, 64, 64, 4)), List.of(), new Workload(1, 1));

    @Test
    void plansOverTheirBudgetAreTrialsThatAreNotMeasured() {
        List<Double> limits = new ArrayList<>();
        Journal journal = new Journal(counting(), cost);
        journal.run(8, (plan, limit) -> {
            limits.add(limit);
            return plan.weights().get(0).step();
        });
        // Every second plan is dense, which is over the limit.
        assertThat(journal.infeasible()).isEqualTo(4);
        assertThat(limits).hasSize(4).containsOnly(Double.POSITIVE_INFINITY);
        assertThat(journal.best()).extracting(TrialRecord::number).containsExactly(1, 3, 5, 7);
        assertThat(journal.plan(journal.best().get(0)).weights().get(0).step()).isEqualTo(101);
    }

    @Test
    void whatIsWorseThanEnoughOthersIsKnownByALowerBoundOnly() {
        Journal journal = new Journal(counting(), cost);
        journal.run(56, (plan, limit) -> Math.min(plan.weights().get(0).step(), limit + 1));
        // Losses grow from trial to trial: after the 25 first measured ones all others stop.
        assertThat(journal.best()).hasSize(25);
        assertThat(journal.best().get(24).number()).isEqualTo(49);
    }

    private static SearchProcedure counting() {
        return new SearchProcedure() {
            @Override
            public Proposal propose(int number, List<TrialRecord> history) {
                assertThat(history).hasSize(number);
                return new Proposal(number, new double[] {number}, plan(new double[] {number}), "counted");
            }

            @Override
            public ElasticPlan plan(double[] parameters) {
                int number = (int) parameters[0];
                return new ElasticPlan(List.of(new WeightStep(number % 2 == 0 ? 0 : 100 + number, 0)), List.of(), List.of());
            }

            @Override
            public long limit(ElasticPlan plan) {
                return 64 * 64 * 4 - 1;
            }

            @Override
            public int trials(int asked) {
                return asked;
            }
        };
    }
}
