package dev.kogata.core.search;

import dev.kogata.core.budget.CacheShape;
import dev.kogata.core.budget.ElasticPlan;
import dev.kogata.core.budget.ModelCost;
import dev.kogata.core.budget.Projection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The search space of plans: a relative sparsity for every group of weights, then for every cache layer the width of its keys,
 * then of its values; where both must be the same, the second has no choice. Immutable.
 *
 * <p>Widths are places in the ascending list of offered widths, not choices without an order: what was learnt of 3 bits says
 * something about 4. As is is left out where 8 bits are offered, which lose next to nothing at a fraction of the bytes; the
 * projection still widens to it where the budget allows more than 8 bits everywhere.
 *
 * <p>Only differences of sparsities count, so every point is brought to a mean of 0 (over weight values) and to the widths that
 * the projection really gave: equal plans are the same point, and densities are learnt from what was measured.
 */
final class PlanSpace {

    /** Good plans of small and large models differ by less than this from their mean sparsity. */
    private static final double LARGEST_OFFSET = 0.25;

    private final Projection projection;
    private final int[] group; // [weight]
    private final int[] layer; // [weight] place among the layers that have weights
    private final double[] share; // [group] of all values
    private final List<List<Integer>> widths; // [cache layer]
    private final List<Boolean> paired; // [cache layer]: its values are as wide as its keys
    private final List<Parameter> parameters;

    PlanSpace(Projection projection, Granularity granularity) {
        this.projection = projection;
        ModelCost cost = projection.cost();
        group = granularity.groups(cost);
        layer = Granularity.LAYER.groups(cost);
        share = new double[Arrays.stream(group).max().orElse(-1) + 1];
        double values = cost.weights().stream().mapToLong(weight -> weight.values()).sum();
        for (int i = 0; i < group.length; i++) {
            share[group[i]] += cost.weights().get(i).values() / Math.max(1, values);
        }
        widths = cost.cacheLayers().stream().map(PlanSpace::searched).toList();
        paired = cost.cacheLayers().stream().map(CacheShape::paired).toList();
        parameters = new ArrayList<>();
        for (int g = 0; g < share.length; g++) {
            parameters.add(new Parameter.Real("sparsity." + g, -LARGEST_OFFSET, LARGEST_OFFSET));
        }
        for (String side : List.of("key_bits", "value_bits")) {
            for (int layer = 0; layer < widths.size(); layer++) {
                boolean follows = side.equals("value_bits") && paired.get(layer);
                parameters.add(new Parameter.Whole(side + "." + cost.cacheLayers().get(layer).layer(), 0, follows ? 0 : widths.get(layer).size() - 1));
            }
        }
    }

    List<Parameter> parameters() {
        return List.copyOf(parameters);
    }

    int groups() {
        return share.length;
    }

    /** Layers that have weights. */
    int layers() {
        return Arrays.stream(layer).max().orElse(-1) + 1;
    }

    /** Sparsities by group for sparsities by layer: the mean over a group's weight values. */
    double[] byGroup(List<Double> byLayer) {
        double[] sparsity = new double[share.length];
        double values = projection.cost().weights().stream().mapToLong(weight -> weight.values()).sum();
        for (int i = 0; i < group.length; i++) {
            sparsity[group[i]] += byLayer.get(layer[i]) * projection.cost().weights().get(i).values() / Math.max(1, values) / share[group[i]];
        }
        return sparsity;
    }

    int cacheLayers() {
        return widths.size();
    }

    /** The widths, narrowest first, that every cache layer can have. */
    List<Integer> commonWidths() {
        return widths.isEmpty() ? List.of() : widths.get(0).stream().filter(bits -> widths.stream().allMatch(layer -> layer.contains(bits))).toList();
    }

    /** The point of these sparsities (by group) and widths, as it is after projection. */
    double[] point(double[] sparsity, List<Integer> keyBits, List<Integer> valueBits) {
        double[] point = new double[parameters.size()];
        System.arraycopy(sparsity, 0, point, 0, share.length);
        setWidths(point, keyBits, valueBits);
        return canonical(point);
    }

    /** The point that stands for all points of the same plan. */
    double[] canonical(double[] point) {
        double[] canonical = centred(point);
        ElasticPlan plan = plan(canonical);
        setWidths(canonical, plan.keyBits(), plan.valueBits());
        return canonical;
    }

    /** The same with a mean sparsity of 0, but the widths as wished: most of the canonical point at a fraction of the time. */
    double[] centred(double[] point) {
        double[] centred = point.clone();
        double mean = 0;
        for (int g = 0; g < share.length; g++) {
            mean += share[g] * point[g];
        }
        for (int g = 0; g < share.length; g++) {
            centred[g] = Math.max(-LARGEST_OFFSET, Math.min(LARGEST_OFFSET, point[g] - mean));
        }
        return centred;
    }

    /** The plan of a point: meets the budget to the row. */
    ElasticPlan plan(double[] point) {
        double[] relative = new double[group.length];
        for (int i = 0; i < relative.length; i++) {
            relative[i] = point[group[i]];
        }
        int[] keyBits = new int[widths.size()];
        int[] valueBits = new int[widths.size()];
        for (int layer = 0; layer < keyBits.length; layer++) {
            keyBits[layer] = widths.get(layer).get((int) point[share.length + layer]);
            valueBits[layer] = paired.get(layer) ? keyBits[layer] : widths.get(layer).get((int) point[share.length + keyBits.length + layer]);
        }
        return projection.project(relative, keyBits, valueBits);
    }

    private void setWidths(double[] point, List<Integer> keyBits, List<Integer> valueBits) {
        for (int layer = 0; layer < widths.size(); layer++) {
            point[share.length + layer] = place(layer, keyBits.get(layer));
            point[share.length + widths.size() + layer] = paired.get(layer) ? 0 : place(layer, valueBits.get(layer));
        }
    }

    /** Place of a width; a width that is not searched is the widest. */
    private int place(int layer, int bits) {
        int place = widths.get(layer).indexOf(bits);
        return place < 0 ? widths.get(layer).size() - 1 : place;
    }

    private static List<Integer> searched(CacheShape shape) {
        boolean nearlyLossless = shape.sideWidths().stream().anyMatch(bits -> bits >= 8);
        return shape.sideWidths().stream().filter(bits -> bits != CacheShape.AS_IS || !nearlyLossless).toList();
    }
}
