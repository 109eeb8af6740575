package dev.kogata.core.budget;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * The promise of the projection, on models that are tiny, have half-precision weights, no weights, no cache, or a cache that outweighs
 * all weights: less than one row is left of every budget that any plan can meet so closely, and of the others, which lie
 * between two widths of one cache side, no plan uses more.
 */
class ExactBudgetTest {

    private static final int[] HEADS = {8, 32, 64};

    @Test
    void leavesLessThanARowOfEveryBudgetThatAnyWidthsAllowAndNoPlanIsHeavierOfTheOthers() {
        SplittableRandom random = new SplittableRandom(71);
        int exact = 0;
        int between = 0;
        for (int round = 0; round < 6000; round++) {
            ModelCost cost = model(random);
            ReachableBytes reachable = Projection.reachable(cost);
            long budget = switch (random.nextInt(8)) {
                case 0 -> reachable.minimum();
                case 1 -> reachable.maximum();
                default -> reachable.minimum() + random.nextLong(reachable.maximum() - reachable.minimum() + 1);
            };
            Projection projection = new Projection(cost, new ByteBudget.Bytes(Math.max(1, budget)));
            ElasticPlan plan = projection.project(RandomModels.wishes(random, cost.weights().size()),
                    RandomModels.bits(random, cost.cacheLayers().size()), RandomModels.bits(random, cost.cacheLayers().size()));
            long left = Math.max(1, budget) - cost.bytes(plan).total();
            long lightest = cost.weights().isEmpty() ? 0 : weights(cost, false);
            long heaviest = cost.weights().isEmpty() ? 0 : weights(cost, true);
            TreeSet<Long> caches = cacheSums(cost);
            long forParts = budget - cost.untouchedBytes();
            boolean met = caches.stream().anyMatch(cache -> cache + lightest <= forParts && forParts <= cache + heaviest);
            if (met) {
                exact++;
                assertThat(left).as("round %d: budget %d of %s", round, budget, cost).isBetween(0L, Math.max(0, largestRow(cost) - 1));
            } else {
                between++;
                long most = caches.floor(forParts - lightest) + heaviest + cost.untouchedBytes();
                assertThat(cost.bytes(plan).total()).as("round %d: between two widths", round).isEqualTo(most);
            }
        }
        assertThat(exact).isGreaterThan(3000);
        assertThat(between).isGreaterThan(100);
    }

    @Test
    void aShareOfTheDenseTotalIsMetAsExactlyAsItsBytes() {
        SplittableRandom random = new SplittableRandom(72);
        for (int round = 0; round < 1000; round++) {
            ModelCost cost = RandomModels.model(random);
            double ratio = 0.2 + 0.8 * random.nextDouble();
            long bytes = ByteBudget.share(ratio, cost.denseBytes());
            if (!Projection.reachable(cost).contains(bytes)) {
                continue;
            }
            double[] wishes = RandomModels.wishes(random, cost.weights().size());
            int[] bits = RandomModels.bits(random, cost.cacheLayers().size());
            ElasticPlan plan = new Projection(cost, new ByteBudget.Ratio(ratio)).project(wishes, bits, bits);
            assertThat(plan).isEqualTo(new Projection(cost, new ByteBudget.Bytes(bytes)).project(wishes, bits, bits));
            assertThat(bytes - cost.bytes(plan).total()).isBetween(0L, largestRow(cost) - 1);
        }
    }

    @Test
    void withSeparateLimitsWeightsAreExactAndNoCacheSideCouldBeOneWidthWider() {
        SplittableRandom random = new SplittableRandom(73);
        int met = 0;
        for (int round = 0; round < 3000; round++) {
            ModelCost cost = model(random);
            if (cost.weights().isEmpty() || cost.cacheLayers().isEmpty()) {
                continue;
            }
            Projection projection;
            ByteBudget.Parts parts = new ByteBudget.Parts(0.2 + 0.8 * random.nextDouble(), 0.1 + 0.9 * random.nextDouble());
            try {
                projection = new Projection(cost, parts);
            } catch (dev.kogata.core.RefusedInput unreachable) {
                continue;
            }
            met++;
            ElasticPlan plan = projection.project(RandomModels.wishes(random, cost.weights().size()),
                    RandomModels.bits(random, cost.cacheLayers().size()), RandomModels.bits(random, cost.cacheLayers().size()));
            PlanBytes bytes = cost.bytes(plan);
            assertThat(projection.limit() - bytes.untouched() - bytes.weights()).isBetween(0L, largestRow(cost) - 1);
            assertThat(projection.budgetBytes(plan) - bytes.total()).isBetween(0L, largestRow(cost) - 1);
            long spare = projection.cacheLimit().orElseThrow() - bytes.cache();
            assertThat(spare).isNotNegative();
            for (int layer = 0; layer < cost.cacheLayers().size(); layer++) {
                for (int bits : List.of(plan.keyBits().get(layer), plan.valueBits().get(layer))) {
                    CacheShape shape = cost.cacheLayers().get(layer);
                    int next = shape.widths().indexOf(bits) + 1;
                    assertThat(next == shape.widths().size() || shape.sideBytes(shape.widths().get(next), cost.workload()) - shape.sideBytes(bits, cost.workload()) > spare).isTrue();
                }
            }
        }
        assertThat(met).isGreaterThan(500);
    }

    /** Anything: level maps and banks, one to four weights or none, no cache or one that outweighs everything. */
    private static ModelCost model(SplittableRandom random) {
        List<WeightShape> weights = new ArrayList<>();
        List<NonzeroCounts> counts = new ArrayList<>();
        for (int i = 0; i < random.nextInt(5); i++) {
            int outputs = 1 + random.nextInt(40);
            int inputs = 1 + random.nextInt(80);
            boolean outputLast = random.nextBoolean();
            WeightShape weight = new WeightShape("w" + i, i, outputs, inputs, outputLast ? inputs : outputs, outputLast ? outputs : inputs, random.nextBoolean() ? 2 : 4);
            weights.add(weight);
            counts.add(random.nextInt(3) == 0 ? TableCounts.random(weight, random) : new LevelMapCounts(weight));
        }
        List<CacheShape> cache = new ArrayList<>();
        for (int i = 0; i < random.nextInt(4); i++) {
            int head = HEADS[random.nextInt(HEADS.length)];
            cache.add(new CacheShape(i, 1 + random.nextInt(3), head, random.nextBoolean() ? 2 : 4, 8, random.nextBoolean() ? List.of(0, 2, 3, 4, 6, 8) : List.of(0, 4, 8)));
        }
        return new ModelCost(random.nextInt(5000), weights, cache, new Workload(1 + random.nextInt(2), 1 + random.nextInt(60)), counts);
    }

    private static long weights(ModelCost cost, boolean dense) {
        long sum = 0;
        for (int i = 0; i < cost.weights().size(); i++) {
            sum += cost.weightBytes(i, dense ? WeightStep.DENSE : new WeightStep(cost.counts().get(i).lastStep(), 0));
        }
        return sum;
    }

    /** Bytes of the cache under all combinations of widths. */
    private static TreeSet<Long> cacheSums(ModelCost cost) {
        TreeSet<Long> sums = new TreeSet<>(List.of(0L));
        for (CacheShape shape : cost.cacheLayers()) {
            for (int side = 0; side < 2; side++) {
                TreeSet<Long> next = new TreeSet<>();
                for (long sum : sums) {
                    shape.widths().forEach(bits -> next.add(sum + shape.sideBytes(bits, cost.workload())));
                }
                sums = next;
            }
        }
        return sums;
    }

    private static long largestRow(ModelCost cost) {
        return cost.weights().stream().mapToLong(WeightShape::rowBytes).max().orElse(1);
    }
}
