package dev.kogata.orchestrator.plan;

import dev.kogata.common.v1.Budget;
import dev.kogata.common.v1.CacheFormat;
import dev.kogata.common.v1.CacheLayer;
import dev.kogata.common.v1.CacheLayerPlan;
import dev.kogata.common.v1.ElasticWeightPlan;
import dev.kogata.common.v1.Inspection;
import dev.kogata.common.v1.Reason;
import dev.kogata.common.v1.Weight;
import dev.kogata.core.RefusedInput;
import dev.kogata.core.budget.BankCounts;
import dev.kogata.core.budget.ByteBudget;
import dev.kogata.core.budget.CacheShape;
import dev.kogata.core.budget.ElasticPlan;
import dev.kogata.core.budget.ModelCost;
import dev.kogata.core.budget.NonzeroCounts;
import dev.kogata.core.budget.Projection;
import dev.kogata.core.budget.VersionGrid;
import dev.kogata.core.budget.WeightShape;
import dev.kogata.core.budget.WeightStep;
import dev.kogata.core.budget.Workload;
import dev.kogata.kit.error.KogataException;
import dev.kogata.orchestrator.v1.JobRequest;
import dev.kogata.orchestrator.v1.LayerAllocation;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;

/** Maps between the contract's messages and the records of the algorithms. Stateless. */
public final class Plans {

    private Plans() {
    }

    /** What a request allows; refuses with {@code BUDGET_INVALID}. */
    public static ByteBudget budget(Budget budget) {
        return refusing(() -> ByteBudget.of(
                budget.hasRatio() ? OptionalDouble.of(budget.getRatio()) : OptionalDouble.empty(),
                budget.hasBytes() ? OptionalLong.of(budget.getBytes()) : OptionalLong.empty(),
                budget.hasWeightsRatio() ? OptionalDouble.of(budget.getWeightsRatio()) : OptionalDouble.empty(),
                budget.hasCacheRatio() ? OptionalDouble.of(budget.getCacheRatio()) : OptionalDouble.empty()));
    }

    /** The budget of one model at a workload; refuses with {@code BUDGET_UNREACHABLE} and the reachable range. */
    public static Projection projection(Inspection model, dev.kogata.common.v1.Workload workload, Budget budget, CacheFormats formats) {
        return refusing(() -> new Projection(cost(model, workload, formats), budget(budget)));
    }

    /** The budget of one model whose caches can be portable. */
    public static Projection projection(Inspection model, dev.kogata.common.v1.Workload workload, Budget budget) {
        return projection(model, workload, budget, CacheFormats.PORTABLE);
    }

    /** The budget of a job's request; all there is to weigh where it searches for the front. */
    public static Projection projection(Inspection model, JobRequest request) {
        CacheFormats formats = CacheFormats.of(request.getFormat());
        if (!request.getPareto()) {
            return projection(model, request.getWorkload(), request.getBudget(), formats);
        }
        return whole(cost(model, request.getWorkload(), formats));
    }

    /** The same for plans of a bank's versions. */
    public static Projection projection(Inspection model, JobRequest request, VersionGrid bank) {
        ModelCost cost = cost(model, request.getWorkload(), CacheFormats.of(request.getFormat()), bank);
        return request.getPareto() ? whole(cost) : refusing(() -> new Projection(cost, budget(request.getBudget())));
    }

    private static Projection whole(ModelCost cost) {
        return new Projection(cost, new ByteBudget.Bytes(Math.max(1, Projection.reachable(cost).maximum())));
    }

    /** The limit in bytes; with separate limits, that of a plan that prunes everything alike and leaves caches as wide as they may be. */
    public static long budgetBytes(Projection projection) {
        int layers = projection.cost().cacheLayers().size();
        return projection.budgetBytes(projection.project(new double[projection.cost().weights().size()], new int[layers], new int[layers]));
    }

    /** Exact bytes of a model whose caches can be portable. */
    public static ModelCost cost(Inspection model, dev.kogata.common.v1.Workload workload) {
        return cost(model, workload, CacheFormats.PORTABLE);
    }

    /** Exact bytes of a model under any plan. */
    public static ModelCost cost(Inspection model, dev.kogata.common.v1.Workload workload, CacheFormats formats) {
        return refusing(() -> new ModelCost(model.getUntouchedBytes(),
                model.getWeightsList().stream().map(Plans::shape).toList(),
                model.getCacheLayersList().stream().map(layer -> shape(layer, formats)).toList(),
                new Workload(workload.getBatch(), workload.getContext())));
    }

    /** Exact bytes of a model under plans of a bank's versions. */
    public static ModelCost cost(Inspection model, dev.kogata.common.v1.Workload workload, CacheFormats formats, VersionGrid bank) {
        ModelCost levels = cost(model, workload, formats);
        List<NonzeroCounts> counts = levels.weights().stream().<NonzeroCounts>map(weight -> new BankCounts(weight, bank)).toList();
        return new ModelCost(levels.untouchedBytes(), levels.weights(), levels.cacheLayers(), levels.workload(), counts);
    }

    /** A plan as other services take it. */
    public static dev.kogata.common.v1.ElasticPlan toProto(ElasticPlan plan, ModelCost cost) {
        var proto = dev.kogata.common.v1.ElasticPlan.newBuilder();
        for (int i = 0; i < plan.weights().size(); i++) {
            WeightStep step = plan.weights().get(i);
            proto.addWeights(ElasticWeightPlan.newBuilder().setWeight(cost.weights().get(i).id())
                    .setStep(step.step()).setRowsAtNextStep(step.rowsAtNextStep()));
        }
        for (int i = 0; i < plan.keyBits().size(); i++) {
            int keyBits = plan.keyBits().get(i);
            int valueBits = plan.valueBits().get(i);
            CacheFormat format = switch (cost.cacheLayers().get(i).format(keyBits, valueBits, cost.workload())) {
                case AS_IS -> CacheFormat.AS_IS;
                case PORTABLE -> CacheFormat.PORTABLE;
                case NATIVE -> CacheFormat.NATIVE;
            };
            proto.addLayers(CacheLayerPlan.newBuilder().setLayer(cost.cacheLayers().get(i).layer())
                    .setKeyBits(keyBits).setValueBits(valueBits).setCacheFormat(format));
        }
        return proto.build();
    }

    /** A plan that {@link #toProto} made for the same model. */
    public static ElasticPlan fromProto(dev.kogata.common.v1.ElasticPlan plan) {
        return new ElasticPlan(
                plan.getWeightsList().stream().map(w -> new WeightStep(w.getStep(), w.getRowsAtNextStep())).toList(),
                plan.getLayersList().stream().map(CacheLayerPlan::getKeyBits).toList(),
                plan.getLayersList().stream().map(CacheLayerPlan::getValueBits).toList());
    }

    /** What a plan gives every layer, by layer number. */
    public static List<LayerAllocation> allocation(ElasticPlan plan, ModelCost cost) {
        TreeMap<Integer, long[]> valuesAndZeros = new TreeMap<>();
        for (int i = 0; i < plan.weights().size(); i++) {
            WeightShape weight = cost.weights().get(i);
            long[] sums = valuesAndZeros.computeIfAbsent(weight.layer(), layer -> new long[2]);
            sums[0] += weight.values();
            sums[1] += weight.values() - cost.nonzeros(i, plan.weights().get(i));
        }
        Set<Integer> layers = new TreeSet<>(valuesAndZeros.keySet());
        cost.cacheLayers().forEach(cache -> layers.add(cache.layer()));
        List<LayerAllocation> allocation = new ArrayList<>();
        for (int layer : layers) {
            long[] sums = valuesAndZeros.getOrDefault(layer, new long[] {1, 0});
            LayerAllocation.Builder given = LayerAllocation.newBuilder().setLayer(layer).setSparsity(sums[1] / (double) Math.max(1, sums[0]));
            for (int i = 0; i < cost.cacheLayers().size(); i++) {
                if (cost.cacheLayers().get(i).layer() == layer) {
                    given.setKeyBits(plan.keyBits().get(i)).setValueBits(plan.valueBits().get(i));
                }
            }
            allocation.add(given.build());
        }
        return allocation;
    }

    private static WeightShape shape(Weight weight) {
        int rows = Math.toIntExact(weight.getRows());
        int columns = Math.toIntExact(weight.getColumns());
        boolean outputLast = weight.getOutputLast();
        return new WeightShape(weight.getId(), weight.getLayer(), outputLast ? columns : rows, outputLast ? rows : columns, rows, columns,
                weight.getValueBytes(), weight.getZerosByOutputRowList().stream().mapToInt(Integer::intValue).toArray());
    }

    private static CacheShape shape(CacheLayer layer, CacheFormats formats) {
        return new CacheShape(layer.getLayer(), layer.getKvHeads(), layer.getHeadSize(), layer.getValueBytes(), layer.getGroupSize(),
                formats.portable() ? layer.getWidthsList() : List.of(CacheShape.AS_IS), formats.isNative() ? layer.getNativeWidthsList() : List.of());
    }

    /** Input that the algorithms refuse, as callers of a service see it. */
    private static <T> T refusing(Supplier<T> algorithm) {
        try {
            return algorithm.get();
        } catch (RefusedInput refused) {
            throw new KogataException(Reason.valueOf(refused.reason()), refused.getMessage(), refused.metadata());
        }
    }
}
