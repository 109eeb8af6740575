package dev.kogata.onnx.solve;

import dev.kogata.core.prune.Matrix;
import dev.kogata.onnx.bundle.WeightMatrix;
import dev.kogata.onnx.elastic.Calibration;
import dev.kogata.onnx.elastic.ElasticGraph;

/** What a sequential pass does with the weights of one layer: what of their inputs it measures, and what it makes of that. */
public interface LayerSolver {
    /** Adds to the graph what this needs to know of the inputs of a layer's weights. */
    void measure(ElasticGraph graph, int layer);

    /**
     * New values (out, in) with as many zeros in every output row as asked.
     *
     * @param values the weight as it came
     * @param zeros (out); at least those that a row came with
     * @param inputs what was measured
     */
    Matrix solve(WeightMatrix weight, Matrix values, int[] zeros, Calibration inputs);
}
