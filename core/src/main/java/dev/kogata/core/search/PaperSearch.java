package dev.kogata.core.search;

import dev.kogata.core.budget.CacheShape;
import dev.kogata.core.budget.ElasticPlan;
import dev.kogata.core.budget.ModelCost;
import dev.kogata.core.budget.NonzeroCounts;
import dev.kogata.core.budget.WeightStep;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The search of arXiv 2507.20613, the baseline to beat: for each of eight blocks of consecutive layers a sparsity of S - 0.05 to S + 0.05 in steps
 * of 0.025, for the cache of each layer 16, 8 or 6 bits, by a TPE that looks at every parameter for itself. The budget is one-sided: a plan may weigh
 * up to 0.5 % more, or any amount less; one that weighs more still is a trial, but is not measured and counts with the bad ones.
 *
 * <p>S is the sparsity at which the budget is used up when every layer's cache has the middle of its three sizes' bytes, their mean: what a random
 * plan weighs on average, so about half of the random plans fit. 16 bits are the model's own cache. Where that is wider, 16 bits cannot be
 * had, and 8, next to which they save nothing, stand for them: the model's own 32 would cost the procedure bytes that the paper never counted. Keys and
 * values of a layer have the same width. Deviation: the original solves every trial anew layer by layer, here a trial is a forward pass and only
 * what is delivered is. Immutable.
 */
public final class PaperSearch implements SearchProcedure {

    /** Origin of its plans. */
    public static final String ORIGIN = "paper";
    /** How much more than the budget a plan may weigh. */
    public static final double SLACK = 0.005;

    private static final double SPREAD = 0.05;
    private static final double STEP = 0.025;
    private static final double LARGEST_MEAN = 0.9;
    private static final List<Integer> WIDTHS = List.of(CacheShape.AS_IS, 8, 6);
    private static final int SIXTEEN_BITS = 2; // bytes
    private static final int BISECTIONS = 60;

    private final ModelCost cost;
    private final long limit;
    private final int[] group; // [weight]
    private final int groups;
    private final List<List<Integer>> widths; // [cache layer]
    private final List<Parameter> parameters;
    private final Sampler sampler;

    /** @param budgetBytes what weights, cache and untouched tensors together may weigh, without the slack */
    public PaperSearch(ModelCost cost, long budgetBytes, long seed) {
        this.cost = cost;
        limit = limit(budgetBytes);
        group = Granularity.BLOCK.groups(cost);
        groups = Arrays.stream(group).max().orElse(-1) + 1;
        widths = cost.cacheLayers().stream().map(PaperSearch::offered).toList();
        double mean = meanSparsity(budgetBytes);
        parameters = new ArrayList<>();
        for (int g = 0; g < groups; g++) {
            parameters.add(new Parameter.Real("sparsity." + g, mean - SPREAD, mean + SPREAD, STEP, false));
        }
        for (int layer = 0; layer < widths.size(); layer++) {
            parameters.add(new Parameter.Choice("bits." + cost.cacheLayers().get(layer).layer(), widths.get(layer).size()));
        }
        sampler = TpeSampler.univariate(parameters, seed);
    }

    /** What plans may weigh under a budget: the slack on top of it. */
    public static long limit(long budgetBytes) {
        return budgetBytes + (long) Math.floor(budgetBytes * SLACK);
    }

    @Override
    public Proposal propose(int number, List<TrialRecord> history) {
        double[] point = sampler.ask(number, history);
        return new Proposal(number, point, plan(point), ORIGIN);
    }

    @Override
    public ElasticPlan plan(double[] point) {
        List<WeightStep> steps = new ArrayList<>();
        for (int i = 0; i < group.length; i++) {
            steps.add(step(cost.counts().get(i), point[group[i]]));
        }
        List<Integer> bits = new ArrayList<>();
        for (int layer = 0; layer < widths.size(); layer++) {
            bits.add(widths.get(layer).get((int) point[groups + layer]));
        }
        return new ElasticPlan(steps, bits, bits);
    }

    @Override
    public long limit(ElasticPlan plan) {
        return limit;
    }

    @Override
    public int trials(int asked) {
        return asked;
    }

    List<Parameter> parameters() {
        return List.copyOf(parameters);
    }

    private double meanSparsity(long budgetBytes) {
        double cache = 0;
        for (int layer = 0; layer < widths.size(); layer++) {
            int number = layer;
            cache += widths.get(layer).stream().mapToLong(bits -> cost.cacheBytes(number, bits, bits)).average().orElse(0);
        }
        double dense = 0;
        double sparse = LARGEST_MEAN;
        for (int i = 0; i < BISECTIONS; i++) {
            double middle = (dense + sparse) / 2;
            if (cost.untouchedBytes() + weights(middle) + cache > budgetBytes) {
                dense = middle;
            } else {
                sparse = middle;
            }
        }
        return Math.max(SPREAD, sparse);
    }

    private long weights(double sparsity) {
        long sum = 0;
        for (int i = 0; i < group.length; i++) {
            sum += cost.weightBytes(i, step(cost.counts().get(i), sparsity));
        }
        return sum;
    }

    private static WeightStep step(NonzeroCounts counts, double sparsity) {
        int outputs = Math.max(1, counts.outputs());
        long position = counts.position(sparsity);
        return new WeightStep((int) (position / outputs), (int) (position % outputs));
    }

    /** Those of its widths that the cache can have. */
    private static List<Integer> offered(CacheShape shape) {
        List<Integer> widths = shape.sideWidths();
        List<Integer> offered = WIDTHS.stream().filter(widths::contains)
                .filter(bits -> bits != CacheShape.AS_IS || shape.valueBytes() <= SIXTEEN_BITS).toList();
        return offered.isEmpty() ? List.of(widths.get(widths.size() - 1)) : offered;
    }
}
