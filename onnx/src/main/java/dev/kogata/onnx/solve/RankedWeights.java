package dev.kogata.onnx.solve;

import dev.kogata.core.prune.ExactMask;
import dev.kogata.core.prune.Matrix;
import dev.kogata.core.prune.PruningMethod;
import dev.kogata.core.prune.RowScores;
import dev.kogata.onnx.bundle.WeightMatrix;
import dev.kogata.onnx.elastic.Calibration;
import dev.kogata.onnx.elastic.ElasticGraph;

/** Zeroes the elements that a method ranks lowest on these inputs; the others stay as they came. */
public final class RankedWeights implements LayerSolver {
    private final PruningMethod method;

    public RankedWeights(PruningMethod method) {
        this.method = method;
    }

    @Override
    public void measure(ElasticGraph graph, int layer) {
        graph.inputNorms(l -> l == layer);
    }

    @Override
    public Matrix solve(WeightMatrix weight, Matrix values, int[] zeros, Calibration inputs) {
        float[] scores = method.scores(weight.id(), values, inputs.inputNorms().get(weight.id()));
        return ExactMask.apply(values, RowScores.of(scores), zeros);
    }
}
