package dev.kogata.core.search;

import dev.kogata.core.allocate.SensitivityAllocation;
import dev.kogata.core.allocate.SensitivityCurve;
import dev.kogata.core.budget.CacheShape;
import dev.kogata.core.budget.ElasticPlan;
import dev.kogata.core.budget.ModelCost;
import dev.kogata.core.budget.NonzeroCounts;
import dev.kogata.core.budget.Projection;
import dev.kogata.core.budget.WeightStep;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * A start plan from what every part of a model bears alone: each layer's weights at a few sparsities, each layer's keys and values at two
 * widths, one measurement each, everything else as it came. Treating losses as additive, {@link SensitivityAllocation} finds the plan of
 * least loss under the budget. Between measured sparsities the loss is a power of the sparsity, between widths it falls by a constant factor a bit.
 * Immutable.
 */
public final class SensitivityStart {

    /** Origin of its plan. */
    public static final String ORIGIN = "sensitivity";

    private static final double[] AROUND_THE_MEAN = {-0.2, 0, 0.15};
    private static final double LEAST_SPARSITY = 0.1;
    private static final double LARGEST_SPARSITY = 0.95;
    /** Options of a layer's weights between as they came and {@link #LARGEST_SPARSITY}. */
    private static final int OPTIONS = 38;
    /** Quantization noise falls by this with a bit, where only one width was measured. */
    private static final double BY_BIT = 4;
    private static final double SMALLEST_LOSS = 1e-12;

    /** What a probe is about. */
    public enum Part {
        /** All weights of a layer. */
        WEIGHTS,
        /** The keys of a layer. */
        KEYS,
        /** The values of a layer. */
        VALUES,
        /** Both, where they can only have one width. */
        CACHE
    }

    /**
     * One measurement to make. Immutable.
     *
     * @param layer number of the layer
     * @param sparsity of its weights; 0 for caches
     * @param bits of its keys or values; 0 for weights
     * @param bytes of the part under this probe
     */
    public record Probe(Part part, int layer, double sparsity, int bits, long bytes, ElasticPlan plan) {
    }

    private final Projection projection;
    private final ModelCost cost;
    private final TreeMap<Integer, List<Integer>> weightsOfLayer = new TreeMap<>();
    private final List<Probe> probes;

    /** @param projection the model's costs and its budget */
    public SensitivityStart(Projection projection) {
        this(projection, new ArrayList<>());
        double mean = meanSparsity();
        weightsOfLayer.forEach((layer, weights) -> {
            for (double distance : AROUND_THE_MEAN) {
                double sparsity = Math.max(LEAST_SPARSITY, Math.min(LARGEST_SPARSITY, mean + distance));
                probes.add(new Probe(Part.WEIGHTS, layer, sparsity, 0, bytes(weights, sparsity), pruned(weights, sparsity)));
            }
        });
        for (Side side : sides()) {
            for (int bits : probed(side.shape())) {
                probes.add(new Probe(side.part, side.shape().layer(), 0, bits, side.bytes(bits), quantized(side, bits)));
            }
        }
    }

    private SensitivityStart(Projection projection, List<Probe> probes) {
        this.projection = projection;
        this.probes = probes;
        cost = projection.cost();
        for (int i = 0; i < cost.weights().size(); i++) {
            weightsOfLayer.computeIfAbsent(cost.weights().get(i).layer(), layer -> new ArrayList<>()).add(i);
        }
    }

    /** The same probes, for a plan under another budget of the same model. */
    public SensitivityStart under(Projection other) {
        return new SensitivityStart(other, probes);
    }

    /** What to measure. */
    public List<Probe> probes() {
        return List.copyOf(probes);
    }

    /**
     * The plan of least additive loss.
     *
     * @param losses (probes): divergence of each probe; what is no number counts as worse than any other
     */
    public StartPlan plan(double[] losses) {
        return minimum(losses).plan;
    }

    /** The additive loss of that plan: what the model would lose if its parts lost nothing by one another. */
    public double loss(double[] losses) {
        return minimum(losses).loss;
    }

    private record Minimum(StartPlan plan, double loss) {
    }

    private Minimum minimum(double[] losses) {
        if (losses.length != probes.size()) {
            throw new IllegalArgumentException("%d losses of %d probes".formatted(losses.length, probes.size()));
        }
        List<Integer> layers = List.copyOf(weightsOfLayer.keySet());
        List<WeightOptions> weights = layers.stream().map(layer -> new WeightOptions(layer, losses)).toList();
        List<WidthOptions> widths = sides().stream().map(side -> new WidthOptions(side, losses)).toList();
        List<SensitivityCurve> weightCurves = weights.stream().map(options -> options.curve).toList();
        List<SensitivityCurve> widthCurves = widths.stream().map(options -> options.curve).toList();
        List<SensitivityAllocation.Choice> choices = new ArrayList<>();
        double loss = 0;
        OptionalLong cacheLimit = projection.cacheLimit();
        long forAll = projection.limit() - cost.untouchedBytes();
        if (cacheLimit.isPresent()) {
            for (SensitivityAllocation.Plan part : List.of(minimum(weightCurves, forAll), minimum(widthCurves, cacheLimit.getAsLong()))) {
                choices.addAll(part.choices());
                loss += part.loss();
            }
        } else {
            List<SensitivityCurve> both = new ArrayList<>(weightCurves);
            both.addAll(widthCurves);
            SensitivityAllocation.Plan all = minimum(both, forAll);
            choices.addAll(all.choices());
            loss = all.loss();
        }
        List<Double> sparsity = new ArrayList<>();
        for (int l = 0; l < weights.size(); l++) {
            sparsity.add(weights.get(l).sparsity(choices.get(l)));
        }
        List<Integer> keyBits = new ArrayList<>(asIs());
        List<Integer> valueBits = new ArrayList<>(asIs());
        for (int i = 0; i < widths.size(); i++) {
            widths.get(i).side.set(keyBits, valueBits, widths.get(i).bits.get(choices.get(weights.size() + i).option()));
        }
        return new Minimum(new StartPlan(ORIGIN, sparsity, keyBits, valueBits), loss);
    }

    /** What of one layer's cache has a width of its own. */
    private final class Side {
        private final Part part;
        private final int place;

        Side(Part part, int place) {
            this.part = part;
            this.place = place;
        }

        CacheShape shape() {
            return cost.cacheLayers().get(place);
        }

        /** Half of a layer whose both sides have this width, which is exact for portable caches. */
        long bytes(int bits) {
            long both = shape().bytes(bits, bits, cost.workload());
            return part == Part.CACHE ? both : both / 2;
        }

        void set(List<Integer> keyBits, List<Integer> valueBits, int bits) {
            if (part != Part.VALUES) {
                keyBits.set(place, bits);
            }
            if (part != Part.KEYS) {
                valueBits.set(place, bits);
            }
        }
    }

    private List<Side> sides() {
        List<Side> sides = new ArrayList<>();
        for (Part part : List.of(Part.KEYS, Part.VALUES, Part.CACHE)) {
            for (int place = 0; place < cost.cacheLayers().size(); place++) {
                if (cost.cacheLayers().get(place).paired() == (part == Part.CACHE)) {
                    sides.add(new Side(part, place));
                }
            }
        }
        return sides;
    }

    /** Where options end above the budget's reach, the smallest ones: the projection makes a plan of any wish. */
    private static SensitivityAllocation.Plan minimum(List<SensitivityCurve> curves, double budget) {
        double least = curves.stream().mapToDouble(curve -> curve.bytes()[0]).sum();
        return new SensitivityAllocation(curves).minimum(Math.max(budget, least));
    }

    /** One layer's weights at many sparsities, sparsest first, as the allocation wants them. */
    private final class WeightOptions {
        private final List<Double> sparsities = new ArrayList<>();
        private final SensitivityCurve curve;

        WeightOptions(int layer, double[] losses) {
            List<double[]> measured = new ArrayList<>();
            for (int i = 0; i < probes.size(); i++) {
                if (probes.get(i).part() == Part.WEIGHTS && probes.get(i).layer() == layer) {
                    measured.add(new double[] {StrictMath.log(probes.get(i).sparsity()), logLoss(losses[i])});
                }
            }
            List<Double> bytes = new ArrayList<>();
            List<Double> loss = new ArrayList<>();
            for (int k = OPTIONS; k >= 0; k--) {
                double sparsity = LARGEST_SPARSITY * k / OPTIONS;
                double size = SensitivityStart.this.bytes(weightsOfLayer.get(layer), sparsity);
                if (!bytes.isEmpty() && size <= bytes.get(bytes.size() - 1)) {
                    // A little sparsity saves nothing: as it came is at least as good at the same size.
                    int last = bytes.size() - 1;
                    sparsities.set(last, sparsity);
                    loss.set(last, k == 0 ? 0 : StrictMath.exp(interpolated(measured, StrictMath.log(sparsity))));
                    continue;
                }
                sparsities.add(sparsity);
                bytes.add(size);
                loss.add(k == 0 ? 0 : StrictMath.exp(interpolated(measured, StrictMath.log(sparsity))));
            }
            curve = new SensitivityCurve("weights of layer " + layer, array(bytes), array(loss), true);
        }

        double sparsity(SensitivityAllocation.Choice choice) {
            return sparsities.get(choice.option()) + choice.fraction() * (sparsities.get(choice.next()) - sparsities.get(choice.option()));
        }
    }

    /** One side of one layer's cache in all its widths, narrowest first. */
    private final class WidthOptions {
        private final Side side;
        private final List<Integer> bits = new ArrayList<>();
        private final SensitivityCurve curve;

        WidthOptions(Side side, double[] losses) {
            this.side = side;
            List<double[]> measured = new ArrayList<>();
            for (int i = 0; i < probes.size(); i++) {
                if (probes.get(i).part() == side.part && probes.get(i).layer() == side.shape().layer()) {
                    measured.add(new double[] {probes.get(i).bits(), logLoss(losses[i])});
                }
            }
            if (measured.size() == 1) {
                measured.add(new double[] {measured.get(0)[0] + 1, measured.get(0)[1] - StrictMath.log(BY_BIT)});
            }
            List<Double> bytes = new ArrayList<>();
            List<Double> loss = new ArrayList<>();
            for (int width : side.shape().sideWidths()) {
                double size = side.bytes(width);
                if (bytes.isEmpty() || size > bytes.get(bytes.size() - 1)) {
                    bits.add(width);
                    bytes.add(size);
                    loss.add(width == CacheShape.AS_IS || measured.isEmpty() ? 0 : StrictMath.exp(interpolated(measured, width)));
                }
            }
            curve = new SensitivityCurve(side.part + " of layer " + side.shape().layer(), array(bytes), array(loss), false);
        }
    }

    /** On the line through the two measured points around x, or the two nearest ones; never falling where x says more compression. */
    private static double interpolated(List<double[]> measured, double x) {
        if (measured.size() == 1) {
            return measured.get(0)[1];
        }
        int after = 1;
        while (after < measured.size() - 1 && measured.get(after)[0] < x) {
            after++;
        }
        double[] a = measured.get(after - 1);
        double[] b = measured.get(after);
        return b[0] == a[0] ? b[1] : a[1] + (b[1] - a[1]) * (x - a[0]) / (b[0] - a[0]);
    }

    private static double logLoss(double loss) {
        return StrictMath.log(Double.isFinite(loss) ? Math.max(SMALLEST_LOSS, loss) : Float.MAX_VALUE);
    }

    private static double[] array(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** Two widths that are really narrow: what is wider loses next to nothing. */
    private static List<Integer> probed(CacheShape shape) {
        List<Integer> narrow = shape.sideWidths().stream().filter(bits -> bits != CacheShape.AS_IS).toList();
        return narrow.isEmpty() ? List.of() : List.of(narrow.get(0), narrow.get(Math.min(2, narrow.size() - 1))).stream().distinct().toList();
    }

    /** The mean sparsity that the budget comes to. */
    private double meanSparsity() {
        int[] usual = new int[cost.cacheLayers().size()];
        java.util.Arrays.fill(usual, 4);
        ElasticPlan plan = projection.project(new double[cost.weights().size()], usual, usual);
        double zeros = 0;
        double values = 0;
        for (int i = 0; i < cost.weights().size(); i++) {
            zeros += cost.sparsity(i, plan.weights().get(i)) * cost.weights().get(i).values();
            values += cost.weights().get(i).values();
        }
        return zeros / Math.max(1, values);
    }

    private long bytes(List<Integer> weights, double sparsity) {
        return weights.stream().mapToLong(i -> cost.weightBytes(i, step(i, sparsity))).sum();
    }

    private ElasticPlan pruned(List<Integer> weights, double sparsity) {
        List<WeightStep> steps = new ArrayList<>(Collections.nCopies(cost.weights().size(), WeightStep.DENSE));
        weights.forEach(i -> steps.set(i, step(i, sparsity)));
        return new ElasticPlan(steps, asIs(), asIs());
    }

    private ElasticPlan quantized(Side side, int bits) {
        List<Integer> keyBits = new ArrayList<>(asIs());
        List<Integer> valueBits = new ArrayList<>(asIs());
        side.set(keyBits, valueBits, bits);
        return new ElasticPlan(Collections.nCopies(cost.weights().size(), WeightStep.DENSE), keyBits, valueBits);
    }

    private List<Integer> asIs() {
        return cost.cacheLayers().stream().map(shape -> shape.sideWidths().get(shape.sideWidths().size() - 1)).toList();
    }

    private WeightStep step(int weight, double sparsity) {
        NonzeroCounts counts = cost.counts().get(weight);
        int outputs = Math.max(1, counts.outputs());
        long position = counts.position(sparsity);
        return new WeightStep((int) (position / outputs), (int) (position % outputs));
    }
}
