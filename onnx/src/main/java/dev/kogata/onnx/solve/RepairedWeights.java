package dev.kogata.onnx.solve;

import dev.kogata.core.prune.DenseAlgebra;
import dev.kogata.core.prune.Hessian;
import dev.kogata.core.prune.InverseFactor;
import dev.kogata.core.prune.Matrix;
import dev.kogata.core.prune.Pattern;
import dev.kogata.core.prune.SparseGpt;
import dev.kogata.onnx.bundle.WeightFile;
import dev.kogata.onnx.bundle.WeightMatrix;
import dev.kogata.onnx.elastic.Calibration;
import dev.kogata.onnx.elastic.ElasticGraph;
import java.util.ArrayList;
import java.util.List;

/**
 * Prunes by SparseGPT (arXiv 2301.00774), which moves the weights that stay so that the outputs on these inputs change as little
 * as they can. Weights that read the same inputs share one factorization, at all sparsities. Fails with
 * {@code NotPositiveDefinite}. Not thread-safe.
 */
public final class RepairedWeights implements LayerSolver {
    private final DenseAlgebra algebra;
    private final SparseGpt sparseGpt;
    private final List<Repair> repairs = new ArrayList<>();
    private Hessian factored;
    private InverseFactor factor;

    public RepairedWeights(DenseAlgebra algebra) {
        this.algebra = algebra;
        this.sparseGpt = new SparseGpt(algebra);
    }

    @Override
    public void measure(ElasticGraph graph, int layer) {
        graph.inputProducts(l -> l == layer);
    }

    @Override
    public Matrix solve(WeightMatrix weight, Matrix values, int[] zeros, Calibration inputs) {
        Hessian hessian = inputs.hessian(weight.id());
        if (hessian != factored) {
            factor = InverseFactor.of(weight.id(), weight.inputs(), hessian.values(), InverseFactor.DAMPING, algebra);
            factored = hessian;
        }
        SparseGpt.Repaired repaired = sparseGpt.solve(weight.id(), values, factor, new Pattern.ZerosPerRow(zeros));
        repairs.add(new Repair(weight.id(), factor.damping(), repaired.loss()));
        // The bytes are counted on what is stored, where a repaired value may be too small for its type.
        return WeightFile.keepingZeros(weight, repaired.weight());
    }

    /** How every weight so far was repaired, in the order of the calls. */
    public List<Repair> repairs() {
        return List.copyOf(repairs);
    }
}
