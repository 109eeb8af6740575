package dev.kogata.core.budget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kogata.core.budget.CacheShape.Format;
import dev.kogata.core.search.Granularity;
import dev.kogata.core.search.PlanSearch;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CacheShapeTest {
    private static final Workload WORKLOAD = new Workload(2, 1024);
    private static final List<Integer> PORTABLE = List.of(0, 2, 3, 4, 6, 8);
    private static final List<Integer> NATIVE = List.of(4, 8);

    @Test
    void aNativeTokenHasNoMetadataAndScalesCountOnce() {
        CacheShape shape = new CacheShape(0, 2, 32, 4, 32, List.of(0), NATIVE);
        long scales = 2 * 4 * 2 * 32;
        assertThat(shape.bytes(8, 8, WORKLOAD)).isEqualTo(2 * 1024 * 2 * 2 * 32 + scales);
        assertThat(shape.bytes(4, 4, WORKLOAD)).isEqualTo(2 * 1024 * 2 * 2 * 16 + scales);
        assertThat(shape.bytes(0, 0, WORKLOAD)).isEqualTo(2 * 1024 * 2 * 2 * 32 * 4);
        assertThat(shape.paired()).isTrue();
    }

    @Test
    void whereBothFormatsHaveAPairTheSmallerOneStandsForIt() {
        CacheShape shape = new CacheShape(0, 2, 32, 4, 32, PORTABLE, NATIVE);
        assertThat(shape.format(8, 8, WORKLOAD)).isEqualTo(Format.NATIVE);
        assertThat(shape.format(4, 4, WORKLOAD)).isEqualTo(Format.NATIVE);
        assertThat(shape.format(8, 4, WORKLOAD)).isEqualTo(Format.PORTABLE);
        assertThat(shape.format(2, 2, WORKLOAD)).isEqualTo(Format.PORTABLE);
        assertThat(shape.format(0, 0, WORKLOAD)).isEqualTo(Format.AS_IS);
        // For a few tokens the scales of a whole layer weigh more than those of each token.
        assertThat(shape.format(8, 8, new Workload(1, 31))).isEqualTo(Format.PORTABLE);
        assertThat(shape.format(8, 8, new Workload(1, 32))).isEqualTo(Format.NATIVE);
        assertThat(shape.paired()).isFalse();
        assertThatThrownBy(() -> new CacheShape(0, 2, 32, 4, 32, PORTABLE, List.of(6))).hasMessageContaining("6 bits");
    }

    @Test
    void aSearchOfNativeCachesProposesEqualWidthsOnlyAndOfAnyFormatBoth() {
        assertThat(widths(List.of(0))).isSubsetOf("8 8", "4 4", "0 0").contains("8 8", "4 4");
        assertThat(widths(PORTABLE)).contains("8 8", "4 4", "4 2").anyMatch(pair -> pair.endsWith(" 3"));
    }

    private static List<String> widths(List<Integer> portable) {
        ModelCost like = RandomModels.shapesLlava(WORKLOAD);
        List<CacheShape> caches = like.cacheLayers().stream().map(c -> new CacheShape(c.layer(), 2, 32, 4, 32, portable, NATIVE)).toList();
        ModelCost cost = new ModelCost(like.untouchedBytes(), like.weights(), caches, WORKLOAD);
        Projection projection = new Projection(cost, new ByteBudget.Ratio(0.4));
        PlanSearch search = new PlanSearch(projection, Granularity.LAYER, PlanSearch.Strategy.RANDOM, 3, List.of());
        List<String> pairs = new ArrayList<>();
        for (int trial = 0; trial < 40; trial++) {
            ElasticPlan plan = search.propose(trial, List.of()).plan();
            assertThat(search.plan(search.ask(trial, List.of()))).isEqualTo(plan);
            for (int layer = 0; layer < caches.size(); layer++) {
                pairs.add(plan.keyBits().get(layer) + " " + plan.valueBits().get(layer));
            }
        }
        return pairs;
    }
}
