package dev.kogata.core.budget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kogata.core.RefusedInput;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ProjectionTest {

    private static final Workload WORKLOAD = new Workload(1, 1024);

    @Test
    void usesAnyReachableBudgetUpToOneRowWhateverTheWishes() {
        SplittableRandom random = new SplittableRandom(5);
        for (int round = 0; round < 4000; round++) {
            ModelCost cost = RandomModels.model(random);
            ReachableBytes reachable = Projection.reachable(cost);
            long budget = random.nextInt(10) == 0 ? (random.nextBoolean() ? reachable.minimum() : reachable.maximum())
                    : reachable.minimum() + random.nextLong(reachable.maximum() - reachable.minimum() + 1);
            Projection projection = new Projection(cost, new ByteBudget.Bytes(budget));
            ElasticPlan plan = projection.project(RandomModels.wishes(random, cost.weights().size()),
                    RandomModels.bits(random, cost.cacheLayers().size()), RandomModels.bits(random, cost.cacheLayers().size()));
            long left = budget - cost.bytes(plan).total();
            assertThat(left).as("round %d: %s, budget %d, %s", round, cost, budget, plan).isNotNegative().isLessThan(largestRow(cost));
        }
    }

    @Test
    void meetsSeparateLimitsWeightsExactlyAndCacheBelow() {
        SplittableRandom random = new SplittableRandom(6);
        for (int round = 0; round < 2000; round++) {
            ModelCost cost = RandomModels.model(random);
            PlanBytes dense = cost.dense();
            ByteBudget.Parts parts = new ByteBudget.Parts(0.3 + 0.7 * random.nextDouble(), 0.3 + 0.7 * random.nextDouble());
            Projection projection;
            try {
                projection = new Projection(cost, parts);
            } catch (RefusedInput unreachable) {
                assertThat(unreachable.reason()).isEqualTo("BUDGET_UNREACHABLE");
                continue;
            }
            ElasticPlan plan = projection.project(RandomModels.wishes(random, cost.weights().size()),
                    RandomModels.bits(random, cost.cacheLayers().size()), RandomModels.bits(random, cost.cacheLayers().size()));
            PlanBytes bytes = cost.bytes(plan);
            long left = ByteBudget.share(parts.weights(), dense.untouched() + dense.weights()) - bytes.untouched() - bytes.weights();
            assertThat(left).isNotNegative().isLessThan(largestRow(cost));
            assertThat(projection.budgetBytes(plan) - bytes.total()).isEqualTo(left);
            assertThat(bytes.cache()).isLessThanOrEqualTo(ByteBudget.share(parts.cache(), dense.cache()));
        }
    }

    @Test
    void keepsTheWishedWidthsWhereTheWeightsCanTakeUpTheRest() {
        ModelCost cost = RandomModels.shapesLlava(WORKLOAD);
        Projection projection = new Projection(cost, new ByteBudget.Ratio(0.4));
        int[] keys = {8, 6, 6, 4, 4, 4, 3, 3};
        int[] values = {4, 4, 3, 3, 2, 2, 2, 2};
        ElasticPlan plan = projection.project(new double[cost.weights().size()], keys, values);
        assertThat(plan.keyBits()).containsExactly(8, 6, 6, 4, 4, 4, 3, 3);
        assertThat(plan.valueBits()).containsExactly(4, 4, 3, 3, 2, 2, 2, 2);
        assertThat(cost.sparsity(0, plan.weights().get(0))).isBetween(0.6, 0.75);
    }

    @Test
    void keepsTheDifferencesOfSparsitiesThatWereWished() {
        ModelCost cost = RandomModels.shapesLlava(WORKLOAD);
        double[] relative = new double[cost.weights().size()];
        for (int i = 0; i < relative.length; i++) {
            relative[i] = 0.02 * cost.weights().get(i).layer();
        }
        ElasticPlan plan = new Projection(cost, new ByteBudget.Ratio(0.4)).project(relative, eight(4), eight(4));
        double first = cost.sparsity(0, plan.weights().get(0));
        for (int i = 0; i < relative.length; i++) {
            assertThat(cost.sparsity(i, plan.weights().get(i)) - first).isCloseTo(relative[i], org.assertj.core.data.Offset.offset(0.01));
        }
    }

    @Test
    void narrowsValuesOfLateLayersFirstWhenTheWishedCacheIsTooLarge() {
        ModelCost cost = RandomModels.shapesLlava(WORKLOAD);
        long budget = Projection.reachable(cost).minimum() + 3_000_000;
        ElasticPlan plan = new Projection(cost, new ByteBudget.Bytes(budget)).project(new double[cost.weights().size()], eight(0), eight(0));
        assertThat(plan.keyBits().get(0)).isZero();
        assertThat(plan.valueBits().get(7)).isNotZero();
        assertThat(budget - cost.bytes(plan).total()).isBetween(0L, 512L * 4);
    }

    @Test
    void widensTheCacheOnceNoWeightIsPrunedAnyMore() {
        ModelCost cost = RandomModels.shapesLlava(WORKLOAD);
        long dense = cost.denseBytes();
        assertThat(new Projection(cost, new ByteBudget.Ratio(1)).project(new double[cost.weights().size()], eight(2), eight(2)))
                .satisfies(plan -> assertThat(cost.bytes(plan).total()).isEqualTo(dense))
                .satisfies(plan -> assertThat(plan.keyBits()).containsOnly(0));
    }

    @Test
    void leavesAWeightDenseWherePruningWouldSaveNothing() {
        ModelCost cost = RandomModels.shapesLlava(WORKLOAD);
        double[] relative = new double[cost.weights().size()];
        relative[3] = -1;
        ElasticPlan plan = new Projection(cost, new ByteBudget.Ratio(0.9)).project(relative, eight(0), eight(0));
        for (int i = 0; i < relative.length; i++) {
            WeightStep step = plan.weights().get(i);
            assertThat(cost.weightBytes(i, step) < cost.weights().get(i).denseBytes() || step.equals(WeightStep.DENSE)).isTrue();
        }
        assertThat(plan.weights().get(3)).isEqualTo(WeightStep.DENSE);
    }

    @Test
    void givesTheHeaviestPlanThatFitsWhereOneCacheWidthOutweighsAllWeights() {
        CacheShape cache = new CacheShape(0, 8, 64, 4, 32, List.of(2, 4, 8, 0));
        ModelCost cost = new ModelCost(10, List.of(new WeightShape("w", 0, 4, 4, 4, 4, 4)), List.of(cache), new Workload(1, 100_000));
        long sixBits = cost.untouchedBytes() + 64 + cost.cacheBytes(0, 8, 8);
        ElasticPlan plan = new Projection(cost, new ByteBudget.Bytes(sixBits + 1_000_000)).project(new double[1], new int[] {2}, new int[] {2});
        assertThat(plan.weights()).containsExactly(WeightStep.DENSE);
        assertThat(cost.bytes(plan).total()).isEqualTo(sixBits);
    }

    @Test
    void refusesABudgetBelowTheMinimumWithTheReachableRange() {
        ModelCost cost = RandomModels.shapesLlava(WORKLOAD);
        ReachableBytes reachable = Projection.reachable(cost);
        assertThatThrownBy(() -> new Projection(cost, new ByteBudget.Ratio(0.05)))
                .isInstanceOfSatisfying(RefusedInput.class, refused -> {
                    assertThat(refused.reason()).isEqualTo("BUDGET_UNREACHABLE");
                    assertThat(refused.metadata()).containsEntry("minimum_bytes", Long.toString(reachable.minimum()))
                            .containsEntry("maximum_bytes", Long.toString(cost.denseBytes()));
                    assertThat(refused).hasMessageMatching("A budget of \\d+ bytes for the model cannot be met; reachable are \\d+ to \\d+ bytes \\([0-9.]+% to 100.0% of the dense \\d+ bytes\\)\\.");
                });
        assertThatThrownBy(() -> new Projection(cost, new ByteBudget.Bytes(cost.denseBytes() + 1))).isInstanceOf(RefusedInput.class);
        assertThatThrownBy(() -> new Projection(cost, new ByteBudget.Parts(0.9, 0.01))).hasMessageContaining("the cache");
    }

    @Test
    void uniformPlansAreUniformAndAtTheSameBytes() {
        ModelCost cost = RandomModels.shapesLlava(WORKLOAD);
        Projection projection = new Projection(cost, new ByteBudget.Ratio(0.45));
        for (int bits : List.of(2, 3, 4, 6, 8)) {
            ElasticPlan plan = projection.uniform(bits).orElseThrow();
            assertThat(plan.keyBits()).containsOnly(bits);
            assertThat(plan.valueBits()).containsOnly(bits);
            double[] sparsities = new double[cost.weights().size()];
            Arrays.setAll(sparsities, i -> cost.sparsity(i, plan.weights().get(i)));
            assertThat(Arrays.stream(sparsities).max().orElseThrow() - Arrays.stream(sparsities).min().orElseThrow()).isLessThan(0.01);
            assertThat(projection.budgetBytes(plan) - cost.bytes(plan).total()).isBetween(0L, 512L * 4 - 1);
        }
        assertThat(new Projection(cost, new ByteBudget.Ratio(0.2)).uniform(0)).isEmpty();
    }

    @Test
    void meetsTheBudgetWithBanksOfRepairedWeightsToo() {
        SplittableRandom random = new SplittableRandom(8);
        for (int round = 0; round < 300; round++) {
            ModelCost levelMaps = RandomModels.model(random);
            List<NonzeroCounts> banks = new ArrayList<>();
            levelMaps.weights().forEach(weight -> banks.add(TableCounts.random(weight, random)));
            ModelCost cost = new ModelCost(levelMaps.untouchedBytes(), levelMaps.weights(), levelMaps.cacheLayers(), levelMaps.workload(), banks);
            ReachableBytes reachable = Projection.reachable(cost);
            long budget = reachable.minimum() + random.nextLong(reachable.maximum() - reachable.minimum() + 1);
            ElasticPlan plan = new Projection(cost, new ByteBudget.Bytes(budget)).project(RandomModels.wishes(random, cost.weights().size()),
                    RandomModels.bits(random, cost.cacheLayers().size()), RandomModels.bits(random, cost.cacheLayers().size()));
            assertThat(budget - cost.bytes(plan).total()).isBetween(0L, largestRow(cost) - 1);
        }
    }

    private static int[] eight(int bits) {
        int[] all = new int[8];
        Arrays.fill(all, bits);
        return all;
    }

    private static long largestRow(ModelCost cost) {
        return cost.weights().stream().mapToLong(WeightShape::rowBytes).max().orElseThrow();
    }
}
