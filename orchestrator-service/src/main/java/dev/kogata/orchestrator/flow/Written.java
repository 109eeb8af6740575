package dev.kogata.orchestrator.flow;

import dev.kogata.common.v1.Quality;
import dev.kogata.pruner.v1.FinalPass;
import dev.kogata.quantizer.v1.WriteBundleResult;

/**
 * Files made for one finalist with one final pass, and what they are worth. Immutable.
 *
 * @param finalist whose plan it is
 * @param pass how the weights were made
 * @param files the files, and what every weight and cache became
 * @param selection measured on the selection set in stock ONNX Runtime
 */
record Written(Finalist finalist, FinalPass pass, WriteBundleResult files, Quality selection) {

    /** Divergence to choose by: what is no number is never chosen. */
    double loss() {
        return Double.isFinite(selection.getKl()) ? selection.getKl() : Double.POSITIVE_INFINITY;
    }

    /** The pass as the request names it. */
    String passName() {
        return passName(pass);
    }

    static String passName(FinalPass pass) {
        return pass == FinalPass.SEQUENTIAL ? "sequential" : "as-searched";
    }
}
