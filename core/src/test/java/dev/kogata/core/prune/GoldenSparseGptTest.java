package dev.kogata.core.prune;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kogata.core.golden.GoldenCase;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Weights as the original SparseGPT makes them; other cases with {@code -Dgolden.dir=DIR}. */
class GoldenSparseGptTest {

    static List<GoldenCase> cases() {
        return GoldenCase.of("sparsegpt");
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("cases")
    void hessiansAreThoseOfTheOriginal(GoldenCase golden) {
        assertThat(distance(hessian(golden), golden.floats("hessian"))).isLessThan(1e-6);
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("cases")
    void weightsAreThoseOfTheOriginal(GoldenCase golden) {
        assertThat(distance(solve(golden, golden.floats("hessian")), golden.floats("pruned_weight"))).isLessThan(1e-4);
        assertThat(distance(solve(golden, hessian(golden)), golden.floats("pruned_weight"))).isLessThan(1e-4);
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("cases")
    void theSpecificationIsThatOfTheOriginal(GoldenCase golden) {
        Matrix solved = SparseGptSpecification.solve(weight(golden), golden.floats("hessian"), golden.number("damping"), golden.integer("column_block"), pattern(golden));
        assertThat(distance(solved.values(), golden.floats("pruned_weight"))).isLessThan(1e-4);
    }

    private static float[] solve(GoldenCase golden, float[] hessian) {
        Matrix w = weight(golden);
        DenseAlgebra algebra = new PlainAlgebra();
        InverseFactor factor = InverseFactor.of("w", w.columns(), hessian, golden.number("damping"), algebra);
        assertThat(factor.damping()).isEqualTo(golden.number("damping"));
        return new SparseGpt(algebra, golden.integer("column_block")).solve("w", w, factor, pattern(golden)).weight().values();
    }

    private static Pattern pattern(GoldenCase golden) {
        return golden.has("zeros_per_block") ? new Pattern.ZerosPerBlock(golden.integer("zeros_per_block"), golden.integer("block_size"))
                : new Pattern.BlockThreshold(golden.number("sparsity"));
    }

    private static Matrix weight(GoldenCase golden) {
        int[] shape = golden.shape("weight");
        return new Matrix(shape[0], shape[1], golden.floats("weight"));
    }

    private static float[] hessian(GoldenCase golden) {
        int[] shape = golden.shape("inputs");   // (sequences, tokens, features)
        float[] inputs = golden.floats("inputs");
        Hessian hessian = new Hessian(shape[2], new PlainAlgebra());
        for (int n = 0; n < shape[0]; n++) {
            float[] sequence = new float[shape[1] * shape[2]];
            System.arraycopy(inputs, n * sequence.length, sequence, 0, sequence.length);
            hessian.add(sequence, 1);
        }
        return hessian.values();
    }

    /** Relative Frobenius error. */
    static double distance(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        double off = 0, all = 0;
        for (int k = 0; k < actual.length; k++) {
            off += Math.pow((double) actual[k] - expected[k], 2);
            all += Math.pow(expected[k], 2);
        }
        return Math.sqrt(off / all);
    }
}
