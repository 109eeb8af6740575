package dev.kogata.core.budget;

import dev.kogata.core.RefusedInput;
import java.util.List;
import java.util.Map;

/**
 * Exact bytes of a model under any plan. Immutable.
 *
 * <pre>
 * bytes = untouched tensors + sum over weights of min(dense, sparse-bitmask) + cache at the workload
 * </pre>
 *
 * @param untouchedBytes bytes of all tensors that stay as they are
 * @param weights the prunable weights
 * @param cacheLayers the layers that have a cache; may be empty
 * @param workload what the cache is counted for
 * @param counts nonzeros of every weight's elastic versions, in the order of {@code weights}
 */
public record ModelCost(long untouchedBytes, List<WeightShape> weights, List<CacheShape> cacheLayers, Workload workload, List<NonzeroCounts> counts) {

    /** Refuses with {@code BUDGET_INVALID} a workload whose bytes are beyond 64 bits. */
    public ModelCost {
        if (untouchedBytes < 0) {
            throw new IllegalArgumentException("untouched tensors of %d bytes".formatted(untouchedBytes));
        }
        if (counts.size() != weights.size()) {
            throw new IllegalArgumentException("counts of %d weights, but there are %d".formatted(counts.size(), weights.size()));
        }
        weights = List.copyOf(weights);
        cacheLayers = List.copyOf(cacheLayers);
        counts = List.copyOf(counts);
        refuseOverflow(untouchedBytes, weights, cacheLayers, workload);
    }

    /** A model whose elastic weights are level maps. */
    public ModelCost(long untouchedBytes, List<WeightShape> weights, List<CacheShape> cacheLayers, Workload workload) {
        this(untouchedBytes, weights, cacheLayers, workload, weights.stream().<NonzeroCounts>map(LevelMapCounts::new).toList());
    }

    /** Bytes of the model as it came, by part. */
    public PlanBytes dense() {
        return new PlanBytes(untouchedBytes, denseWeightBytes(weights), denseCacheBytes(cacheLayers, workload));
    }

    /** Bytes of the model as it came. */
    public long denseBytes() {
        return dense().total();
    }

    /** Bytes of the model under a plan, by part. */
    public PlanBytes bytes(ElasticPlan plan) {
        if (plan.weights().size() != weights.size() || plan.keyBits().size() != cacheLayers.size()) {
            throw new IllegalArgumentException("a plan for %d weights and %d cache layers, but the model has %d and %d".formatted(
                    plan.weights().size(), plan.keyBits().size(), weights.size(), cacheLayers.size()));
        }
        long weightBytes = 0;
        for (int i = 0; i < weights.size(); i++) {
            weightBytes += weightBytes(i, plan.weights().get(i));
        }
        long cacheBytes = 0;
        for (int i = 0; i < cacheLayers.size(); i++) {
            cacheBytes += cacheBytes(i, plan.keyBits().get(i), plan.valueBits().get(i));
        }
        return new PlanBytes(untouchedBytes, weightBytes, cacheBytes);
    }

    /** Bytes of one weight in its smaller encoding. */
    public long weightBytes(int weight, WeightStep step) {
        return weights.get(weight).bytes(nonzeros(weight, step));
    }

    /** Values of one weight that are not zero. */
    public long nonzeros(int weight, WeightStep step) {
        return counts.get(weight).nonzeros(step.step(), step.rowsAtNextStep());
    }

    /** Share of zeros of one weight, [0, 1]. */
    public double sparsity(int weight, WeightStep step) {
        long values = weights.get(weight).values();
        return values == 0 ? 0 : 1 - nonzeros(weight, step) / (double) values;
    }

    /** Bytes of the keys and values of one cache layer. */
    public long cacheBytes(int cacheLayer, int keyBits, int valueBits) {
        return cacheLayers.get(cacheLayer).bytes(keyBits, valueBits, workload);
    }

    private static long denseWeightBytes(List<WeightShape> weights) {
        return weights.stream().mapToLong(WeightShape::denseBytes).reduce(0, Math::addExact);
    }

    private static long denseCacheBytes(List<CacheShape> cacheLayers, Workload workload) {
        return cacheLayers.stream().mapToLong(shape -> Math.multiplyExact(2, shape.sideBytes(CacheShape.AS_IS, workload))).reduce(0, Math::addExact);
    }

    /** Every other sum here is at most twice one of these. */
    private static void refuseOverflow(long untouchedBytes, List<WeightShape> weights, List<CacheShape> cacheLayers, Workload workload) {
        try {
            long weightBytes = denseWeightBytes(weights);
            for (WeightShape weight : weights) {
                weight.sparseBytes(weight.values());
            }
            long cacheBytes = denseCacheBytes(cacheLayers, workload);
            Math.multiplyExact(4, new PlanBytes(untouchedBytes, weightBytes, cacheBytes).total());
        } catch (ArithmeticException beyond64Bits) {
            throw new RefusedInput("BUDGET_INVALID",
                    "A workload of batch %d and context %d makes more bytes than can be counted; give a smaller one.".formatted(workload.batch(), workload.context()),
                    Map.of("batch", Integer.toString(workload.batch()), "context", Integer.toString(workload.context())));
        }
    }
}
