package dev.kogata.bench;

import dev.kogata.core.prune.LevelMap;
import dev.kogata.core.prune.Matrix;
import dev.kogata.core.prune.PruningMask;
import dev.kogata.core.prune.PruningMethod;
import dev.kogata.core.prune.RowScores;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** All 255 sparsities of a weight at once, against the mask of one of them. */
@State(Scope.Benchmark)
public class LevelMapBenchmark {
    private static final int HALF = LevelMap.STEPS / 2;

    /** (out) x (in). */
    @Param({"4096x4096", "4096x11008"})
    public String shape;

    private Matrix weight;
    private float[] norms;
    private boolean[] expected;
    private boolean[] mask;
    private byte[] levels;

    /** Makes the weight, and the mask that the level map has to agree with. */
    @Setup
    public void prepare() {
        Shape size = Shape.of(shape);
        weight = size.weight();
        norms = size.norms();
        expected = BaselineMasks.bySorting(weight, scores(), zeros());
    }

    /** One mask, at half of every row. */
    @Benchmark
    public boolean[] oneMask() {
        levels = null;
        return mask = Cores.run(() -> PruningMask.perRow(weight.rows(), weight.columns(), scores(), zeros()));
    }

    /** The level map. */
    @Benchmark
    public byte[] levelMap() {
        mask = null;
        return levels = Cores.run(() -> LevelMap.levels(weight, scores()));
    }

    /** Compares what came out last: the level map at the mask's sparsity, and its number of elements at every other. */
    @TearDown(Level.Iteration)
    public void check() {
        int[] ofLevel = new int[LevelMap.STEPS];
        for (int k = 0; k < expected.length; k++) {
            boolean pruned = mask == null ? (levels[k] & 0xff) <= HALF : mask[k];
            WrongAnswer.unless(pruned == expected[k], "element " + k + " is pruned as in sorted rows");
            ofLevel[mask == null ? levels[k] & 0xff : 0]++;
        }
        int dead = 0;
        for (int step = 0; mask == null && step <= LevelMap.LAST_STEP; step++) {
            dead += ofLevel[step];
            WrongAnswer.unless(dead == weight.rows() * LevelMap.zeros(weight.columns(), step), "step " + step + " has its number of zeros");
        }
    }

    /** Read the weight, write the map; one product and one comparison for each element. */
    static Floor floor(String shape) {
        return MaskBenchmark.floor(shape);
    }

    private RowScores scores() {
        return PruningMethod.WANDA.rowScores("weight", weight, norms);
    }

    private int zeros() {
        return LevelMap.zeros(weight.columns(), HALF);
    }
}
