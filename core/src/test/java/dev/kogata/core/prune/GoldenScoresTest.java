package dev.kogata.core.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.kogata.core.golden.GoldenCase;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Scores and masks of the methods that have no folder of their own; other cases with {@code -Dgolden.dir=DIR}. */
class GoldenScoresTest {

    static List<GoldenCase> cases() {
        return GoldenCase.of("scores");
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("cases")
    void scoresAreThoseOfTheOriginal(GoldenCase golden) {
        float[] expected = golden.floats("scores");
        float[] scores = method(golden).scores("w", weight(golden), golden.floats("mean_square_norm"));
        for (int k = 0; k < expected.length; k++) {
            assertThat(scores[k]).as("element %d", k).isCloseTo(expected[k], within(1e-6f + 2e-6f * expected[k]));
        }
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("cases")
    void masksAreThoseOfTheOriginal(GoldenCase golden) {
        Matrix w = weight(golden);
        RowScores scores = method(golden).rowScores("w", w, golden.floats("mean_square_norm"));
        boolean[] pruned;
        if (golden.has("zeros_per_block")) {
            pruned = PruningMask.perBlock(w.rows(), w.columns(), scores, golden.integer("zeros_per_block"), golden.integer("block_size"));
        } else if (method(golden) == PruningMethod.MAGNITUDE) {
            pruned = PruningMask.wholeMatrix(method(golden).scores("w", w, golden.floats("mean_square_norm")), golden.number("sparsity"));
        } else {
            pruned = PruningMask.perRow(w.rows(), w.columns(), scores, PruningMask.zeros(w.columns(), golden.number("sparsity")));
        }
        assertThat(pruned).isEqualTo(golden.booleans("pruned"));
    }

    private static PruningMethod method(GoldenCase golden) {
        return PruningMethod.of(golden.text("score"));
    }

    private static Matrix weight(GoldenCase golden) {
        int[] shape = golden.shape("weight");
        return new Matrix(shape[0], shape[1], golden.floats("weight"));
    }
}
