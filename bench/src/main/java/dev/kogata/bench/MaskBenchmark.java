package dev.kogata.bench;

import dev.kogata.core.prune.Matrix;
import dev.kogata.core.prune.PruningMask;
import dev.kogata.core.prune.PruningMethod;
import dev.kogata.core.prune.RowScores;
import java.util.Arrays;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Wanda's mask of half of every row, scores and the check for NaN included. */
@State(Scope.Benchmark)
public class MaskBenchmark {
    /** (out) x (in). */
    @Param({"4096x4096", "4096x11008"})
    public String shape;

    private Matrix weight;
    private float[] norms;
    private boolean[] expected;
    private boolean[] answer;

    /** Makes the weight, and the mask that all have to find. */
    @Setup
    public void prepare() {
        Shape size = Shape.of(shape);
        weight = size.weight();
        norms = size.norms();
        expected = sorting();
    }

    /** As the original does it: every row sorted, stable by column. */
    @Benchmark
    public boolean[] sorting() {
        return answer = Cores.run(() -> BaselineMasks.bySorting(weight, scores(), zeros()));
    }

    /** A threshold for every row by quickselect, which is what PyTorch's kthvalue does. */
    @Benchmark
    public boolean[] kthValue() {
        return answer = Cores.run(() -> BaselineMasks.byKthValue(weight, scores(), zeros()));
    }

    /** What Kogata uses. */
    @Benchmark
    public boolean[] selection() {
        return answer = Cores.run(() -> PruningMask.perRow(weight.rows(), weight.columns(), scores(), zeros()));
    }

    /** Compares what came out last. */
    @TearDown(Level.Iteration)
    public void check() {
        WrongAnswer.unless(Arrays.equals(expected, answer), "the mask is that of sorted rows");
    }

    /** Read the weight, write the mask; one product and one comparison for each element. */
    static Floor floor(String shape) {
        long values = Shape.of(shape).values();
        return new Floor(2 * values, 5 * values);
    }

    private RowScores scores() {
        return PruningMethod.WANDA.rowScores("weight", weight, norms);
    }

    private int zeros() {
        return PruningMask.zeros(weight.columns(), 0.5);
    }
}
