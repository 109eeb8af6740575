package dev.kogata.core.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kogata.core.budget.ByteBudget;
import dev.kogata.core.budget.CacheShape;
import dev.kogata.core.budget.ElasticPlan;
import dev.kogata.core.budget.ModelCost;
import dev.kogata.core.budget.Projection;
import dev.kogata.core.budget.RandomModels;
import dev.kogata.core.budget.WeightStep;
import dev.kogata.core.budget.Workload;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class SensitivityStartTest {

    private static final ModelCost COST = RandomModels.shapesLlava(new Workload(1, 1024));

    @Test
    void probesEachLayerAndEachCacheSideAloneWithAllElseAsItCame() {
        List<SensitivityStart.Probe> probes = new SensitivityStart(new Projection(COST, new ByteBudget.Ratio(0.4))).probes();
        assertThat(probes).hasSize(8 * 3 + 16 * 2).allSatisfy(probe -> {
            long pruned = probe.plan().weights().stream().filter(step -> !step.equals(WeightStep.DENSE)).count();
            long narrow = probe.plan().keyBits().stream().filter(bits -> bits != 0).count() + probe.plan().valueBits().stream().filter(bits -> bits != 0).count();
            assertThat(pruned).isEqualTo(probe.part() == SensitivityStart.Part.WEIGHTS ? 7 : 0);
            assertThat(narrow).isEqualTo(probe.part() == SensitivityStart.Part.WEIGHTS ? 0 : 1);
        });
        assertThat(probes).filteredOn(probe -> probe.part() == SensitivityStart.Part.KEYS && probe.layer() == 3).extracting(SensitivityStart.Probe::bits).containsExactly(2, 4);
    }

    @Test
    void itsPlanBeatsEveryUniformOneWhereLossesAddUp() {
        for (double ratio : new double[] {0.35, 0.4, 0.5, 0.7}) {
            Projection projection = new Projection(COST, new ByteBudget.Ratio(ratio));
            ElasticPlan plan = plan(projection);
            assertThat(projection.budgetBytes(plan) - COST.bytes(plan).total()).isBetween(0L, 512L * 4 - 1);
            for (int bits : List.of(2, 3, 4, 6, 8)) {
                projection.uniform(bits).ifPresent(uniform -> assertThat(SyntheticLoss.of(COST, plan)).as("%s against %d bits", ratio, bits)
                        .isLessThan(SyntheticLoss.of(COST, uniform)));
            }
        }
    }

    @Test
    void prunesTouchyLayersLessAndKeepsTheirKeysWider() {
        ElasticPlan plan = plan(new Projection(COST, new ByteBudget.Ratio(0.4)));
        assertThat(COST.sparsity(0, plan.weights().get(0))).isLessThan(COST.sparsity(28, plan.weights().get(28)) - 0.1);
        int firstKeys = plan.keyBits().get(0);
        assertThat(firstKeys == 0 ? 32 : firstKeys).isGreaterThan(plan.valueBits().get(7));
    }

    @Test
    void meetsSeparateLimitsEachOnItsOwn() {
        Projection projection = new Projection(COST, new ByteBudget.Parts(0.5, 0.2));
        ElasticPlan plan = plan(projection);
        assertThat(projection.budgetBytes(plan) - COST.bytes(plan).total()).isBetween(0L, 512L * 4 - 1);
        assertThat(COST.bytes(plan).cache()).isLessThanOrEqualTo(projection.cacheLimit().orElseThrow());
    }

    @Test
    void copesWithLossesThatAreNoNumbersAndWithModelsThatLackAPart() {
        SensitivityStart start = new SensitivityStart(new Projection(COST, new ByteBudget.Ratio(0.4)));
        double[] broken = new double[start.probes().size()];
        for (int i = 0; i < broken.length; i++) {
            broken[i] = i % 3 == 0 ? Double.NaN : i % 3 == 1 ? Double.POSITIVE_INFINITY : 0;
        }
        assertThat(start.plan(broken).sparsity()).hasSize(8).allSatisfy(sparsity -> assertThat(sparsity).isBetween(0.0, 0.951));
        ModelCost encoder = new ModelCost(0, COST.weights(), List.of(), new Workload(1, 1));
        SensitivityStart weightsOnly = new SensitivityStart(new Projection(encoder, new ByteBudget.Ratio(0.5)));
        assertThat(weightsOnly.probes()).hasSize(24);
        assertThat(weightsOnly.plan(new double[24]).keyBits()).isEmpty();
        ModelCost cacheOnly = new ModelCost(0, List.of(), COST.cacheLayers(), new Workload(1, 1024));
        SensitivityStart cache = new SensitivityStart(new Projection(cacheOnly, new ByteBudget.Ratio(0.2)));
        assertThat(cache.plan(new double[cache.probes().size()]).sparsity()).isEqualTo(Collections.emptyList());
        assertThatThrownBy(() -> cache.plan(new double[1])).hasMessageContaining("1 losses");
    }

    @Test
    void keysAndValuesThatCanOnlyHaveOneWidthAreOnePart() {
        List<CacheShape> paired = COST.cacheLayers().stream().map(c -> new CacheShape(c.layer(), c.kvHeads(), c.headSize(), 4, 32, List.of(0), List.of(8, 4))).toList();
        ModelCost cost = new ModelCost(COST.untouchedBytes(), COST.weights(), paired, new Workload(1, 1024));
        SensitivityStart start = new SensitivityStart(new Projection(cost, new ByteBudget.Ratio(0.4)));
        assertThat(start.probes()).filteredOn(probe -> probe.part() == SensitivityStart.Part.CACHE).hasSize(16)
                .allSatisfy(probe -> assertThat(probe.plan().keyBits()).isEqualTo(probe.plan().valueBits()));
        StartPlan plan = start.plan(new double[start.probes().size()]);
        assertThat(plan.keyBits()).isEqualTo(plan.valueBits());
    }

    private static ElasticPlan plan(Projection projection) {
        SensitivityStart start = new SensitivityStart(projection);
        ElasticPlan dense = new ElasticPlan(Collections.nCopies(COST.weights().size(), WeightStep.DENSE), Collections.nCopies(8, 0), Collections.nCopies(8, 0));
        double base = SyntheticLoss.of(COST, dense);
        double[] losses = start.probes().stream().mapToDouble(probe -> SyntheticLoss.of(COST, probe.plan()) - base).toArray();
        StartPlan found = start.plan(losses);
        PlanSearch search = new PlanSearch(projection, Granularity.LAYER, PlanSearch.Strategy.STARTS, 1, List.of(found));
        int number = search.startPlans() - 1;
        assertThat(search.origin(number)).isEqualTo("sensitivity");
        return search.propose(number, List.of()).plan();
    }
}
