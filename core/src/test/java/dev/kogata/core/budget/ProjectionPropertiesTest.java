package dev.kogata.core.budget;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;

/** What holds for the projection of any wishes onto any reachable budget. */
class ProjectionPropertiesTest {

    @Property(tries = 500)
    void theBudgetIsUsedUpToLessThanARow(@ForAll long model, @ForAll long wishes, @ForAll @DoubleRange(max = 1) double where) {
        ModelCost cost = RandomModels.model(new SplittableRandom(model));
        ReachableBytes reachable = Projection.reachable(cost);
        long budget = reachable.minimum() + (long) (where * (reachable.maximum() - reachable.minimum()));
        ElasticPlan plan = project(cost, budget, wishes);
        assertThat(budget - cost.bytes(plan).total()).isBetween(0L, cost.weights().stream().mapToLong(WeightShape::rowBytes).max().orElseThrow() - 1);
    }

    @Property(tries = 200)
    void theSameWishesGiveTheSamePlanAndMoreBytesNeverFewerUsed(@ForAll long model, @ForAll long wishes, @ForAll @DoubleRange(max = 1) double one, @ForAll @DoubleRange(max = 1) double other) {
        ModelCost cost = RandomModels.model(new SplittableRandom(model));
        ReachableBytes reachable = Projection.reachable(cost);
        long range = reachable.maximum() - reachable.minimum(), row = cost.weights().stream().mapToLong(WeightShape::rowBytes).max().orElseThrow();
        long less = reachable.minimum() + (long) (Math.min(one, other) * range), more = reachable.minimum() + (long) (Math.max(one, other) * range);
        ElasticPlan plan = project(cost, less, wishes);
        assertThat(project(cost, less, wishes)).isEqualTo(plan);
        assertThat(cost.bytes(project(cost, more, wishes)).total()).isGreaterThan(cost.bytes(plan).total() - row);
    }

    private static ElasticPlan project(ModelCost cost, long budget, long wishes) {
        SplittableRandom random = new SplittableRandom(wishes);
        return new Projection(cost, new ByteBudget.Bytes(budget)).project(RandomModels.wishes(random, cost.weights().size()),
                RandomModels.bits(random, cost.cacheLayers().size()), RandomModels.bits(random, cost.cacheLayers().size()));
    }
}
