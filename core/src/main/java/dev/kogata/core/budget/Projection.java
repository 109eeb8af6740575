package dev.kogata.core.budget;

import dev.kogata.core.RefusedInput;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Turns wishes into plans that use a byte budget up: {@code 0 <= budget - bytes < one output row of one weight}, for every wish and every
 * budget that some widths leave to the weights to meet, so that a search never meets an infeasible trial.
 *
 * <p>The wishes are relative sparsities, one per weight, and cache widths. All relative sparsities are shifted by one real
 * number, found by bisection, so that the bytes fit; what is left over is then given back row by row. Because an elastic weight
 * moves a single output row by a single step at a time, consecutive plans of this walk differ by less than a row's bytes. A
 * weight that its sparsity does not make smaller than dense (the bitmask costs something too) is left dense.
 *
 * <p>Cache widths stay as wished where the weights can take up the difference. Else widths are narrowed, or widened once no
 * weight is pruned any more. Only where a single step of one width outweighs all that pruning can save are there budgets between
 * two neighbouring sums of widths, with everything pruned above and nothing pruned below: no plan at all meets these to a row, and the
 * plan is then the heaviest there is below. With separate limits the weights meet theirs to a row; the cache, whose bytes come in whole widths
 * only, stays within its own, so close that no side of it could be one width wider. Immutable and deterministic.
 */
public final class Projection {

    private final ModelCost cost;
    private final CacheWidths cache;
    private final long minimumWeights;
    private final long unprunedWeights;
    /** Limit of everything; with separate limits that of weights and untouched tensors. */
    private final long limit;
    /** Limit of the cache alone, or -1. */
    private final long cacheLimit;

    /** Refuses with {@code BUDGET_UNREACHABLE} a budget that no plan meets. */
    public Projection(ModelCost cost, ByteBudget budget) {
        this.cost = cost;
        cache = new CacheWidths(cost.cacheLayers(), cost.workload());
        unprunedWeights = unprunedWeights(cost);
        minimumWeights = minimumWeights(cost);
        if (budget instanceof ByteBudget.Parts parts) {
            long densePart = cost.untouchedBytes() + cost.dense().weights();
            limit = ByteBudget.share(parts.weights(), densePart);
            cacheLimit = ByteBudget.share(parts.cache(), cost.dense().cache());
            requireReachable("the weights", limit, new ReachableBytes(cost.untouchedBytes() + minimumWeights, cost.untouchedBytes() + unprunedWeights), densePart);
            if (cacheLimit < cache.minimum()) {
                throw unreachable("the cache", cacheLimit, new ReachableBytes(cache.minimum(), cache.maximum()), cost.dense().cache());
            }
        } else {
            limit = budget instanceof ByteBudget.Ratio ratio
                    ? ByteBudget.share(ratio.ratio(), cost.denseBytes()) : ((ByteBudget.Bytes) budget).bytes();
            cacheLimit = -1;
            requireReachable("the model", limit, reachable(cost), cost.denseBytes());
        }
    }

    /** The least and the most that plans of a model can weigh. */
    public static ReachableBytes reachable(ModelCost cost) {
        CacheWidths cache = new CacheWidths(cost.cacheLayers(), cost.workload());
        return new ReachableBytes(cost.untouchedBytes() + minimumWeights(cost) + cache.minimum(),
                cost.untouchedBytes() + unprunedWeights(cost) + cache.maximum());
    }

    /** What the projection is for. */
    public ModelCost cost() {
        return cost;
    }

    /** The limit of everything in bytes; with separate limits that of weights and untouched tensors. */
    public long limit() {
        return limit;
    }

    /** The limit of the cache alone in bytes, where there is one. */
    public OptionalLong cacheLimit() {
        return cacheLimit < 0 ? OptionalLong.empty() : OptionalLong.of(cacheLimit);
    }

    /** The bytes that a plan of this projection may weigh: the limit, or with separate limits that of the weights plus the cache it has. */
    public long budgetBytes(ElasticPlan plan) {
        return cacheLimit < 0 ? limit : limit + cost.bytes(plan).cache();
    }

    /**
     * The plan nearest to the wishes that uses the budget up.
     *
     * @param relativeSparsity by weight; only differences count, and only up to 1 (not a number counts as 0)
     * @param keyBits wished bits by cache layer; 0 = as is; the narrowest offered width of at least that many bits is taken
     * @param valueBits as {@code keyBits}, for values
     */
    public ElasticPlan project(double[] relativeSparsity, int[] keyBits, int[] valueBits) {
        int layers = cost.cacheLayers().size();
        if (relativeSparsity.length != cost.weights().size() || keyBits.length != layers || valueBits.length != layers) {
            throw new IllegalArgumentException("wishes for %d weights, %d and %d cache layers, but the model has %d and %d".formatted(
                    relativeSparsity.length, keyBits.length, valueBits.length, cost.weights().size(), layers));
        }
        return plan(relativeSparsity, fit(cache.snap(keyBits, valueBits)));
    }

    /** The same sparsity everywhere and one width for all keys and values; empty where that width misses the budget. */
    public Optional<ElasticPlan> uniform(int bits) {
        int[] wished = new int[cost.cacheLayers().size()];
        Arrays.fill(wished, bits);
        int[] chosen = cache.snap(wished, wished);
        long cacheBytes = cache.sum(chosen);
        boolean feasible = cacheLimit >= 0 ? cacheBytes <= cacheLimit
                : cacheBytes <= limit - cost.untouchedBytes() - minimumWeights && cacheBytes >= limit - cost.untouchedBytes() - unprunedWeights;
        return feasible ? Optional.of(plan(new double[cost.weights().size()], chosen)) : Optional.empty();
    }

    /** Moves the widths as little as brings them to where the weights can make up the rest. */
    private int[] fit(int[] chosen) {
        if (cacheLimit >= 0) {
            cache.narrow(chosen, cacheLimit);
            cache.widen(chosen, cacheLimit, cacheLimit);
            return chosen;
        }
        long high = limit - cost.untouchedBytes() - minimumWeights;
        long low = limit - cost.untouchedBytes() - unprunedWeights;
        int[] wished = chosen.clone();
        cache.narrow(chosen, high);
        cache.widen(chosen, low, high);
        return cache.sum(chosen) >= low ? chosen : cache.nearest(wished, low, high);
    }

    private ElasticPlan plan(double[] relativeSparsity, int[] widths) {
        long forWeights = limit - cost.untouchedBytes() - (cacheLimit < 0 ? cache.sum(widths) : 0);
        long[] positions = new RowFill(cost).fill(relativeSparsity, forWeights);
        List<WeightStep> steps = new ArrayList<>(positions.length);
        for (int i = 0; i < positions.length; i++) {
            steps.add(WeightStep.at(positions[i], cost.weights().get(i).outputs()));
        }
        return new ElasticPlan(steps, cache.keyBits(widths), cache.valueBits(widths));
    }

    private static long minimumWeights(ModelCost cost) {
        long sum = 0;
        for (int i = 0; i < cost.weights().size(); i++) {
            sum += cost.weightBytes(i, new WeightStep(cost.counts().get(i).lastStep(), 0));
        }
        return sum;
    }

    /** Less than dense where so many values are zero already that the bitmask pays. */
    private static long unprunedWeights(ModelCost cost) {
        long sum = 0;
        for (int i = 0; i < cost.weights().size(); i++) {
            sum += cost.weightBytes(i, WeightStep.DENSE);
        }
        return sum;
    }

    private static void requireReachable(String what, long asked, ReachableBytes reachable, long dense) {
        if (!reachable.contains(asked)) {
            throw unreachable(what, asked, reachable, dense);
        }
    }

    private static RefusedInput unreachable(String what, long asked, ReachableBytes reachable, long dense) {
        String message = String.format(Locale.ROOT, "A budget of %d bytes for %s cannot be met; reachable are %d to %d bytes (%.1f%% to %.1f%% of the dense %d bytes).",
                asked, what, reachable.minimum(), reachable.maximum(), percentAbove(reachable.minimum(), dense), 100.0 * reachable.maximum() / Math.max(1, dense), dense);
        return new RefusedInput("BUDGET_UNREACHABLE", message, Map.of(
                "budget_bytes", Long.toString(asked),
                "minimum_bytes", Long.toString(reachable.minimum()),
                "maximum_bytes", Long.toString(reachable.maximum()),
                "dense_bytes", Long.toString(dense)));
    }

    /** Rounded up, so that the percentage named can be asked for. */
    private static double percentAbove(long bytes, long dense) {
        return Math.ceil(1000.0 * bytes / Math.max(1, dense)) / 10;
    }
}
