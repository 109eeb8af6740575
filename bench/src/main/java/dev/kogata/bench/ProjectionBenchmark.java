package dev.kogata.bench;

import dev.kogata.core.budget.ByteBudget;
import dev.kogata.core.budget.CacheShape;
import dev.kogata.core.budget.ElasticPlan;
import dev.kogata.core.budget.ModelCost;
import dev.kogata.core.budget.Projection;
import dev.kogata.core.budget.WeightShape;
import dev.kogata.core.budget.Workload;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Wishes for a Llama of 7 billion weights turned into a plan that uses its budget up, against counting a plan's bytes once. */
@State(Scope.Benchmark)
public class ProjectionBenchmark {
    private static final int HIDDEN = 4096;
    private static final int MLP = 11008;
    private static final int BISECTIONS = 53;

    /** (layers) x (weights of a layer). */
    @Param("32x7")
    public String shape;

    private Projection projection;
    private double[] sparsity;
    private int[] bits;
    private ElasticPlan plan;
    private long counted;

    /** Makes the model, its budget of half its bytes, and wishes. */
    @Setup
    public void prepare() {
        int[][] shapes = {{HIDDEN, HIDDEN}, {HIDDEN, HIDDEN}, {HIDDEN, HIDDEN}, {HIDDEN, HIDDEN}, {MLP, HIDDEN}, {MLP, HIDDEN}, {HIDDEN, MLP}};
        List<WeightShape> weights = new ArrayList<>();
        List<CacheShape> cache = new ArrayList<>();
        for (int layer = 0; layer < Shape.of(shape).rows(); layer++) {
            for (int w = 0; w < Shape.of(shape).columns(); w++) {
                int outputs = shapes[w % shapes.length][0], inputs = shapes[w % shapes.length][1];
                weights.add(new WeightShape("weight " + layer + " " + w, layer, outputs, inputs, inputs, outputs, 2));
            }
            cache.add(new CacheShape(layer, 32, 128, 2, 32, List.of(0, 2, 3, 4, 6, 8)));
        }
        ModelCost cost = new ModelCost(500_000_000, weights, cache, new Workload(1, 4096));
        projection = new Projection(cost, new ByteBudget.Ratio(0.5));
        SplittableRandom random = new SplittableRandom(6);
        sparsity = random.doubles(weights.size()).toArray();
        bits = new int[cache.size()];
        Arrays.fill(bits, 4);
        plan = projection.project(sparsity, bits, bits);
    }

    /** Bytes of one plan. */
    @Benchmark
    public long countBytes() {
        return counted = Cores.here(() -> projection.cost().bytes(plan).total());
    }

    /** The projection. */
    @Benchmark
    public ElasticPlan project() {
        plan = Cores.here(() -> projection.project(sparsity, bits, bits));
        counted = projection.cost().bytes(plan).total();
        return plan;
    }

    /** What is left of the budget is less than one output row. */
    @TearDown(Level.Iteration)
    public void check() {
        long left = projection.budgetBytes(plan) - counted;
        WrongAnswer.unless(left >= 0 && left < 2L * MLP, left + " bytes left are none or less than a row");
    }

    /** A weight's bytes take a few operations; a bisection down to the last bit of a double counts them 53 times. */
    static Floor floor(String variant, String shape) {
        long weights = Shape.of(shape).values();
        return new Floor(8 * weights * (variant.equals("project") ? BISECTIONS : 1), 8 * weights);
    }
}
