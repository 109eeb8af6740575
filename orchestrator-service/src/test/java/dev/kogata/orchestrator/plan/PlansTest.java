package dev.kogata.orchestrator.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kogata.common.v1.Budget;
import dev.kogata.common.v1.CacheFormat;
import dev.kogata.common.v1.CacheLayer;
import dev.kogata.common.v1.Inspection;
import dev.kogata.common.v1.Weight;
import dev.kogata.common.v1.Workload;
import dev.kogata.core.budget.ElasticPlan;
import dev.kogata.core.budget.ModelCost;
import dev.kogata.core.budget.Projection;
import dev.kogata.core.budget.WeightStep;
import dev.kogata.orchestrator.v1.LayerAllocation;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlansTest {

    private static final Workload WORKLOAD = Workload.newBuilder().setBatch(2).setContext(10).build();
    /** Layer 0 has a weight and no cache, layer 4 a cache and no weight, layer 2 both. */
    private static final Inspection MODEL = Inspection.newBuilder().setUntouchedBytes(100)
            .addWeights(weight("a", 0, 4, 8, true)).addWeights(weight("b", 2, 8, 4, false))
            .addCacheLayers(cache(2)).addCacheLayers(cache(4)).build();

    @Test
    void countsOutputsAlongTheDimensionThatIsTheOutput() {
        ModelCost cost = Plans.cost(MODEL, WORKLOAD);
        assertThat(cost.weights().get(0)).satisfies(weight -> {
            assertThat(weight.outputs()).isEqualTo(8);
            assertThat(weight.inputs()).isEqualTo(4);
        });
        assertThat(cost.weights().get(1)).satisfies(weight -> {
            assertThat(weight.outputs()).isEqualTo(8);
            assertThat(weight.inputs()).isEqualTo(4);
        });
        // untouched + two weights of 32 floats + 2 layers x keys and values x 20 tokens x 2 heads x 8 channels of 4 bytes
        assertThat(cost.denseBytes()).isEqualTo(100 + 2 * 128 + 2 * 2 * 20 * 2 * 32);
    }

    @Test
    void bringsBackEveryPlanThatItSent() {
        ElasticPlan plan = new ElasticPlan(List.of(new WeightStep(128, 3), new WeightStep(254, 0)), List.of(0, 4), List.of(8, 2));
        assertThat(Plans.fromProto(Plans.toProto(plan, Plans.cost(MODEL, WORKLOAD)))).isEqualTo(plan);
    }

    @Test
    void offersWhatTheFormatAllowsAndTheModelCan() {
        Inspection model = MODEL.toBuilder().clearCacheLayers().addCacheLayers(cache(2).toBuilder().addAllNativeWidths(List.of(4, 8)))
                .addCacheLayers(cache(4).toBuilder().setNativeObstacle("its keys are read by Gelu")).build();
        ElasticPlan plan = new ElasticPlan(List.of(new WeightStep(128, 3), new WeightStep(254, 0)), List.of(8, 8), List.of(8, 8));
        assertThat(formats(plan, model, CacheFormats.PORTABLE)).containsExactly(CacheFormat.PORTABLE, CacheFormat.PORTABLE);
        assertThat(formats(plan, model, CacheFormats.ANY)).containsExactly(CacheFormat.NATIVE, CacheFormat.PORTABLE);
        ElasticPlan uneven = new ElasticPlan(plan.weights(), List.of(8, 8), List.of(4, 0));
        assertThat(formats(uneven, model, CacheFormats.ANY)).containsExactly(CacheFormat.PORTABLE, CacheFormat.PORTABLE);
        ModelCost cost = Plans.cost(model, WORKLOAD, CacheFormats.NATIVE);
        assertThat(cost.cacheLayers().get(0).sideWidths()).containsExactly(4, 8, 0);
        assertThat(cost.cacheLayers().get(1).sideWidths()).as("cannot be converted").containsExactly(0);
        assertThat(cost.cacheBytes(0, 8, 8)).isEqualTo(20 * 2 * 2 * 8 + 2 * 4 * 2 * 8);
    }

    private static List<CacheFormat> formats(ElasticPlan plan, Inspection model, CacheFormats formats) {
        return Plans.toProto(plan, Plans.cost(model, WORKLOAD, formats)).getLayersList().stream().map(l -> l.getCacheFormat()).toList();
    }

    @Test
    void allocatesToEveryLayerThatHasAWeightOrACache() {
        ElasticPlan plan = new ElasticPlan(List.of(new WeightStep(128, 0), new WeightStep(64, 4)), List.of(6, 4), List.of(3, 0));
        assertThat(Plans.allocation(plan, Plans.cost(MODEL, WORKLOAD))).containsExactly(
                LayerAllocation.newBuilder().setLayer(0).setSparsity(0.5).build(),
                LayerAllocation.newBuilder().setLayer(2).setSparsity(0.25).setKeyBits(6).setValueBits(3).build(),
                LayerAllocation.newBuilder().setLayer(4).setKeyBits(4).build());
    }

    @Test
    void givesTheLimitInBytesForEveryKindOfBudget() {
        long dense = Plans.cost(MODEL, WORKLOAD).denseBytes();
        assertThat(limit(Budget.newBuilder().setRatio(1))).isEqualTo(dense);
        assertThat(limit(Budget.newBuilder().setBytes(dense - 7))).isEqualTo(dense - 7);
        assertThat(limit(Budget.newBuilder().setWeightsRatio(1).setCacheRatio(1))).isEqualTo(dense);
    }

    private static long limit(Budget.Builder budget) {
        Projection projection = Plans.projection(MODEL, WORKLOAD, budget.build());
        return Plans.budgetBytes(projection);
    }

    private static Weight weight(String name, int layer, int rows, int columns, boolean outputLast) {
        return Weight.newBuilder().setId("m.onnx#" + name).setName(name).setFile("m.onnx").setLayer(layer).setRows(rows).setColumns(columns)
                .setOutputLast(outputLast).setValueBytes(4).build();
    }

    private static CacheLayer cache(int layer) {
        return CacheLayer.newBuilder().setLayer(layer).setKvHeads(2).setHeadSize(8).setValueBytes(4).setGroupSize(8).addAllWidths(List.of(0, 2, 3, 4, 6, 8)).build();
    }
}
