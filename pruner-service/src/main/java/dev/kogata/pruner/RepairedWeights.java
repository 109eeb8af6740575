package dev.kogata.pruner;

import dev.kogata.common.v1.Reason;
import dev.kogata.core.budget.WeightStep;
import dev.kogata.core.prune.DenseAlgebra;
import dev.kogata.core.prune.Hessian;
import dev.kogata.core.prune.InverseFactor;
import dev.kogata.core.prune.Matrix;
import dev.kogata.core.prune.NotPositiveDefinite;
import dev.kogata.core.prune.Pattern;
import dev.kogata.core.prune.SparseGpt;
import dev.kogata.kit.error.KogataException;
import dev.kogata.onnx.bundle.WeightFile;
import dev.kogata.onnx.bundle.WeightMatrix;
import dev.kogata.onnx.elastic.Calibration;
import dev.kogata.onnx.elastic.ElasticGraph;
import dev.kogata.pruner.v1.WeightRepair;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Prunes by SparseGPT (arXiv 2301.00774), which moves the weights that stay so that the outputs on these inputs change as little
 * as they can. Weights that read the same inputs share one factorization.
 */
final class RepairedWeights implements LayerSolver {
    private final DenseAlgebra algebra;
    private final SparseGpt sparseGpt;
    private final List<WeightRepair> repairs = new ArrayList<>();
    private Hessian factored;
    private InverseFactor factor;

    RepairedWeights(DenseAlgebra algebra) {
        this.algebra = algebra;
        this.sparseGpt = new SparseGpt(algebra);
    }

    @Override
    public void measure(ElasticGraph graph, int layer) {
        graph.inputProducts(l -> l == layer);
    }

    @Override
    public Matrix solve(WeightMatrix weight, Matrix values, WeightStep step, Calibration inputs) {
        Hessian hessian = inputs.hessian(weight.id());
        if (hessian != factored) {
            factor = factor(weight, hessian);
            factored = hessian;
        }
        SparseGpt.Repaired repaired = sparseGpt.solve(weight.id(), values, factor, Pattern.ZerosPerRow.at(values, step.step(), step.rowsAtNextStep()));
        repairs.add(WeightRepair.newBuilder().setWeight(weight.id()).setDamping(factor.damping()).setLoss(repaired.loss()).build());
        // The bytes are counted on what is stored, where a repaired value may be too small for its type.
        return WeightFile.keepingZeros(weight, repaired.weight());
    }

    private InverseFactor factor(WeightMatrix weight, Hessian hessian) {
        try {
            return InverseFactor.of(weight.id(), weight.inputs(), hessian.values(), InverseFactor.DAMPING, algebra);
        } catch (NotPositiveDefinite e) {
            throw new KogataException(Reason.NUMERICAL_FAILURE, e.getMessage(), Map.of("weight", e.weight(), "pivot", Integer.toString(e.pivot())), e);
        }
    }

    /** How every weight so far was repaired. */
    List<WeightRepair> repairs() {
        return List.copyOf(repairs);
    }
}
