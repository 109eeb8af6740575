package dev.kogata.core.prune;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kogata.core.golden.GoldenCase;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Bit for bit the masks of the original Wanda; other cases with {@code -Dgolden.dir=DIR}. */
class GoldenWandaTest {

    static List<GoldenCase> cases() {
        return GoldenCase.of("wanda");
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("cases")
    void masksAreThoseOfTheOriginal(GoldenCase golden) {
        assertThat(mask(golden, golden.floats("mean_square_norm"))).isEqualTo(golden.booleans("pruned"));
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("cases")
    void masksFromInputsSeenOneSequenceAtATimeAreThoseOfTheOriginal(GoldenCase golden) {
        float[] norms = norms(golden);
        assertThat(norms).isEqualTo(golden.floats("mean_square_norm"));
        assertThat(mask(golden, norms)).isEqualTo(golden.booleans("pruned"));
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("cases")
    void theSpecificationIsThatOfTheOriginal(GoldenCase golden) {
        if (!golden.has("zeros_per_block")) {
            Matrix w = weight(golden);
            RowScores scores = PruningMethod.WANDA.rowScores("w", w, golden.floats("mean_square_norm"));
            int zeros = PruningMask.zeros(w.columns(), golden.number("sparsity"));
            assertThat(PruningMask.perRowBySorting(w.rows(), w.columns(), scores, zeros)).isEqualTo(golden.booleans("pruned"));
        }
    }

    private static boolean[] mask(GoldenCase golden, float[] norms) {
        Matrix w = weight(golden);
        RowScores scores = PruningMethod.WANDA.rowScores("w", w, norms);
        return golden.has("zeros_per_block")
                ? PruningMask.perBlock(w.rows(), w.columns(), scores, golden.integer("zeros_per_block"), golden.integer("block_size"))
                : PruningMask.perRow(w.rows(), w.columns(), scores, PruningMask.zeros(w.columns(), golden.number("sparsity")));
    }

    private static Matrix weight(GoldenCase golden) {
        int[] shape = golden.shape("weight");
        return new Matrix(shape[0], shape[1], golden.floats("weight"));
    }

    private static float[] norms(GoldenCase golden) {
        int[] shape = golden.shape("inputs");   // (sequences, tokens, features)
        float[] inputs = golden.floats("inputs");
        InputNorms norms = new InputNorms(shape[2]);
        for (int n = 0; n < shape[0]; n++) {
            float[] squares = new float[shape[2]];
            for (int k = 0; k < shape[1] * shape[2]; k++) {
                float x = inputs[n * shape[1] * shape[2] + k];
                squares[k % shape[2]] += x * x;
            }
            norms.add(squares, 1);
        }
        return norms.meanSquareNorm();
    }
}
