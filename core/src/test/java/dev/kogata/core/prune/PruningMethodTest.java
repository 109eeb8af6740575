package dev.kogata.core.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.kogata.core.RefusedInput;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PruningMethodTest {
    private static final Matrix W = new Matrix(2, 3, new float[] {1, -2, 3, -4, 0, 6});
    private static final float[] NORMS = {16, 81, 1};

    @Test
    void magnitudeIsTheAbsoluteValue() {
        assertThat(PruningMethod.MAGNITUDE.scores("w", W, NORMS)).containsExactly(1, 2, 3, 4, 0, 6);
    }

    @Test
    void wandaWeighsByTheRootOfTheNorm() {
        assertThat(PruningMethod.WANDA.scores("w", W, NORMS)).containsExactly(4, 18, 3, 16, 0, 6);
    }

    @Test
    void riaAddsTheSharesOfColumnAndRow() {
        assertThat(PruningMethod.RIA.scores("w", W, NORMS)).containsExactly(new float[] {
                2 * (1 / 5f + 1 / 6f), 3 * (2 / 2f + 2 / 6f), 3 / 9f + 3 / 6f, 2 * (4 / 5f + 4 / 10f), 0, 6 / 9f + 6 / 10f}, within(1e-6f));
    }

    @Test
    void logNormTakesEuclideanNormsUnderALogarithm() {
        float[] scores = PruningMethod.LOG_NORM.scores("w", W, NORMS);
        assertThat(scores[1]).isCloseTo((float) (3 * Math.log1p(2 / Math.sqrt(14) + 2 / 2.0)), within(1e-6f));
        assertThat(scores[3]).isCloseTo((float) (2 * Math.log1p(4 / Math.sqrt(52) + 4 / Math.sqrt(17))), within(1e-6f));
        assertThat(scores[4]).isZero();
    }

    @ParameterizedTest
    @EnumSource(PruningMethod.class)
    void isFoundByItsName(PruningMethod method) {
        assertThat(PruningMethod.of(method.label())).isSameAs(method);
    }

    @Test
    void refusesAnUnknownNameAndListsTheKnownOnes() {
        assertThatThrownBy(() -> PruningMethod.of("wonda"))
                .isInstanceOfSatisfying(RefusedInput.class, e -> assertThat(e.reason()).isEqualTo("ARGUMENT_INVALID"))
                .hasMessageContainingAll("wonda", "magnitude, wanda, ria, lognorm");
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void refusesWhatIsNotFiniteWithTheNameOfTheWeight(float value) {
        for (PruningMethod method : PruningMethod.values()) {
            assertThatThrownBy(() -> method.scores("decoder.onnx#q", new Matrix(1, 3, new float[] {1, value, 2}), new float[3]))
                    .isInstanceOfSatisfying(RefusedInput.class, e -> {
                        assertThat(e.reason()).isEqualTo("WEIGHT_NOT_FINITE");
                        assertThat(e.metadata()).isEqualTo(Map.of("weight", "decoder.onnx#q"));
                    }).hasMessageContaining("decoder.onnx#q");
            assertThatThrownBy(() -> method.scores("decoder.onnx#q", new Matrix(1, 1, new float[] {1}), new float[] {value}))
                    .isInstanceOfSatisfying(RefusedInput.class, e -> assertThat(e.reason()).isEqualTo("WEIGHT_NOT_FINITE"));
        }
    }

    @ParameterizedTest
    @EnumSource(PruningMethod.class)
    void scoresAreNumbersOnRowsAndColumnsOfZerosAndOfDenormals(PruningMethod method) {
        float[] scores = method.scores("w", new Matrix(3, 2, new float[] {0, -0f, Float.MIN_VALUE, 0, Float.MIN_VALUE, 0}), new float[] {1, 0});
        assertThat(scores).hasSize(6);
        for (float score : scores) {
            assertThat(score).isNotNegative();
        }
        assertThat(scores[0]).isZero();
    }

    @ParameterizedTest
    @EnumSource(PruningMethod.class)
    void takesMatricesWithoutRowsWithoutColumnsAndWithOne(PruningMethod method) {
        for (int[] shape : new int[][] {{0, 0}, {0, 4}, {4, 0}, {4, 1}, {1, 1}}) {
            Matrix w = new Matrix(shape[0], shape[1], new float[shape[0] * shape[1]]);
            RowScores scores = method.rowScores("w", w, new float[shape[1]]);
            assertThat(LevelMap.levels(w, scores)).isEqualTo(LevelMap.levelsBySorting(w, scores)).hasSize(w.values().length);
            assertThat(ExactMask.apply(w, scores, 254, 0).values()).hasSize(w.values().length);
            assertThat(PruningMask.perBlock(w.rows(), w.columns(), scores, 2, 4)).hasSize(w.values().length);
        }
    }
}
