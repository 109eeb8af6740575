package dev.kogata.orchestrator.flow;

import dev.kogata.common.v1.Quality;
import dev.kogata.orchestrator.job.Loss;
import dev.kogata.pruner.v1.FinalPass;
import dev.kogata.pruner.v1.WeightRepair;
import dev.kogata.quantizer.v1.WriteBundleResult;
import java.util.List;

/**
 * Files made for one finalist with one final pass, and what they are worth. Immutable.
 *
 * @param finalist whose plan it is
 * @param pass how the weights were made
 * @param repairs how the pass repaired every weight; empty where it does not
 * @param files the files, and what every weight and cache became
 * @param selection measured on the selection set in stock ONNX Runtime
 */
record Written(Finalist finalist, FinalPass pass, List<WeightRepair> repairs, WriteBundleResult files, Quality selection) {

    /** Loss to choose by. */
    double loss() {
        return Loss.of(selection).choosable();
    }

    /** The pass as the request names it. */
    String passName() {
        return passName(pass);
    }

    static String passName(FinalPass pass) {
        return switch (pass) {
            case AS_SEARCHED -> "as-searched";
            case SEQUENTIAL -> "sequential";
            case SEQUENTIAL_REPAIRED -> "repaired";
            case FINAL_PASS_UNSPECIFIED, UNRECOGNIZED -> throw new IllegalArgumentException("no final pass: " + pass);
        };
    }
}
