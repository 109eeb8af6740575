package dev.kogata.core.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.kogata.core.RefusedInput;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SparseGptTest {
    private static final DenseAlgebra ALGEBRA = new PlainAlgebra();

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 16, 63, 64, 65, 130, 200})
    void theFastTwinMakesWhatTheSpecificationMakes(int columns) {
        float[] inputs = inputs(columns, 4 * columns, 1);
        float[] hessian = hessian(inputs, columns);
        Matrix w = AwkwardRows.GAUSSIAN.matrix(9, columns, 2);
        InverseFactor factor = InverseFactor.of("w", columns, hessian, 0.01, ALGEBRA);
        for (int block : new int[] {1, 7, 64, 128}) {
            for (Pattern pattern : List.of(new Pattern.BlockThreshold(0.6), new Pattern.BlockThreshold(0), new Pattern.ZerosPerBlock(2, 4), new Pattern.ZerosPerBlock(3, 5))) {
                Matrix fast = new SparseGpt(ALGEBRA, block).solve("w", w, factor, pattern).weight();
                Matrix slow = SparseGptSpecification.solve(w, hessian, 0.01, block, pattern);
                assertThat(outputError(fast, slow, inputs)).as("%s in blocks of %d", pattern, block).isLessThan(1e-3 * (1e-6 + outputError(w, zeros(w), inputs)));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(AwkwardRows.class)
    void exactCountsAreExactForAnyWeightAndDeadInputs(AwkwardRows kind) {
        int columns = 150;
        float[] inputs = inputs(columns, 300, 3);
        for (int k = 0; k < inputs.length; k++) {
            inputs[k] = k % columns % 9 == 4 ? 0 : inputs[k];
        }
        InverseFactor factor = InverseFactor.of("w", columns, hessian(inputs, columns), 0.01, ALGEBRA);
        float scale = kind == AwkwardRows.ALL_MAGNITUDES ? 1e-20f : 1;   // sums of the largest floats would overflow
        Matrix w = kind.matrix(6, columns, 4);
        for (int k = 0; k < w.values().length; k++) {
            w.values()[k] *= scale;
        }
        for (int step : new int[] {0, 3, 128, 200, 253}) {
            Pattern.ZerosPerRow exact = Pattern.ZerosPerRow.at(w, step, 2);
            Matrix repaired = new SparseGpt(ALGEBRA, 64).solve("w", w, factor, exact).weight();
            for (int i = 0; i < 6; i++) {
                assertThat(zeros(repaired, i)).as("step %d, row %d", step, i)
                        .isEqualTo(Math.max(zeros(w, i), LevelMap.zeros(columns, i < 2 ? step + 1 : step)));
            }
        }
    }

    @Test
    void repairBeatsWandaAndExactRowsAreAsGoodAsTheOriginalsThreshold() {
        int columns = 256, rows = 128;
        float[] inputs = inputs(columns, 2000, 5);
        Matrix w = AwkwardRows.GAUSSIAN.matrix(rows, columns, 6);
        InverseFactor factor = InverseFactor.of("w", columns, hessian(inputs, columns), 0.01, ALGEBRA);
        SparseGpt sparseGpt = new SparseGpt(ALGEBRA);
        int zeros = columns / 2;
        double original = outputError(w, sparseGpt.solve("w", w, factor, new Pattern.BlockThreshold(0.5)).weight(), inputs);
        SparseGpt.Repaired perRow = sparseGpt.solve("w", w, factor, new Pattern.ZerosPerRow(IntStream.generate(() -> zeros).limit(rows).toArray()));
        double exact = outputError(w, perRow.weight(), inputs);
        double wanda = outputError(w, ExactMask.apply(w, PruningMethod.WANDA.rowScores("w", w, norms(inputs, columns)), 128, 0), inputs);
        assertThat(exact).isLessThan(original * 1.05);
        assertThat(exact).isLessThan(wanda * 0.8);
        assertThat(perRow.loss()).isPositive();
    }

    @Test
    void aBankIsWhatItsVersionsAreAlone() {
        int columns = 96;
        float[] inputs = inputs(columns, 400, 7);
        Matrix w = AwkwardRows.GAUSSIAN.matrix(20, columns, 8);
        InverseFactor factor = InverseFactor.of("w", columns, hessian(inputs, columns), 0.01, ALGEBRA);
        SparseGpt sparseGpt = new SparseGpt(ALGEBRA);
        List<Pattern.ZerosPerRow> versions = IntStream.of(64, 128, 192).mapToObj(step -> Pattern.ZerosPerRow.at(w, step, 0)).toList();
        List<SparseGpt.Repaired> bank = sparseGpt.bank("w", w, factor, versions);
        for (int v = 0; v < versions.size(); v++) {
            assertThat(bank.get(v).weight().values()).isEqualTo(sparseGpt.solve("w", w, factor, versions.get(v)).weight().values());
        }
        assertThat(bank).extracting(SparseGpt.Repaired::loss).isSorted();
    }

    @Test
    void inputsThatAreNeverUsedLoseTheirWeights() {
        float[] hessian = {2, 0, 0.1f, 0, 0, 0, 0.1f, 0, 3};
        InverseFactor factor = InverseFactor.of("w", 3, hessian, 0.01, ALGEBRA);
        assertThat(factor.dead()).containsExactly(false, true, false);
        Matrix solved = new SparseGpt(ALGEBRA).solve("w", new Matrix(1, 3, new float[] {5, 6, 7}), factor, new Pattern.ZerosPerBlock(0, 4)).weight();
        assertThat(solved.values()).containsExactly(5, 0, 7);
    }

    /** As in the original: 1 takes the place of a dead input's 0 before the mean is taken, (2 + 1) / 2 here. */
    @Test
    void inputsThatAreNeverUsedCountAsOneInTheDamping() {
        InverseFactor factor = InverseFactor.of("w", 2, new float[] {2, 0, 0, 0}, 1, ALGEBRA);
        assertThat(factor.upper()[0]).isCloseTo((float) (1 / Math.sqrt(2 + 1.5)), within(1e-6f));
        assertThat(factor.upper()[3]).isCloseTo((float) (1 / Math.sqrt(1 + 1.5)), within(1e-6f));
    }

    @Test
    void aHessianThatIsNotPositiveDefiniteGetsMoreDampingAndSaysSo() {
        float[] hessian = {1, 1.05f, 1.05f, 1};
        InverseFactor factor = InverseFactor.of("w", 2, hessian, 0.01, ALGEBRA);
        assertThat(factor.damping()).isEqualTo(0.1);
        assertThat(InverseFactor.of("w", 2, new float[] {1, 0.5f, 0.5f, 1}, 0.01, ALGEBRA).damping()).isEqualTo(0.01);
    }

    @Test
    void aHessianBeyondAllDampingIsRefusedWithItsPivot() {
        float[] hessian = {1, 0, 0, 0, 1, 40, 0, 40, 1};
        assertThatThrownBy(() -> InverseFactor.of("decoder#o", 3, hessian, 0.01, ALGEBRA))
                .isInstanceOfSatisfying(NotPositiveDefinite.class, e -> {
                    assertThat(e.pivot()).isEqualTo(1);
                    assertThat(e.weight()).isEqualTo("decoder#o");
                }).hasMessageContaining("damping of 10.0");
        assertThatThrownBy(() -> InverseFactor.of("decoder#o", 1, new float[] {Float.NaN}, 0.01, ALGEBRA))
                .isInstanceOfSatisfying(RefusedInput.class, e -> assertThat(e.reason()).isEqualTo("WEIGHT_NOT_FINITE"));
    }

    @Test
    void theFactorIsTheUpperCholeskyFactorOfTheInverse() {
        for (int n : new int[] {1, 3, 64, 100, 190}) {
            float[] hessian = hessian(inputs(n, 3 * n, n), n);
            InverseFactor factor = InverseFactor.of("w", n, hessian, 0.01, ALGEBRA);
            double mean = IntStream.range(0, n).mapToDouble(j -> hessian[j * n + j]).average().orElseThrow();
            // U H U^T = I, for the damped H.
            for (int i = 0; i < n; i += 7) {
                for (int j = 0; j < n; j += 5) {
                    double sum = 0;
                    for (int p = i; p < n; p++) {
                        for (int q = j; q < n; q++) {
                            sum += (double) factor.upper()[i * n + p] * (hessian[p * n + q] + (p == q ? 0.01 * mean : 0)) * factor.upper()[j * n + q];
                        }
                    }
                    assertThat(Math.abs(sum - (i == j ? 1 : 0))).isLessThan(1e-3);
                }
            }
        }
    }

    @Test
    void takesMatricesWithoutRowsAndWithOneColumn() {
        InverseFactor one = InverseFactor.of("w", 1, new float[] {2}, 0.01, ALGEBRA);
        assertThat(new SparseGpt(ALGEBRA).solve("w", new Matrix(0, 1, new float[0]), one, new Pattern.BlockThreshold(0.5)).weight().values()).isEmpty();
        assertThat(new SparseGpt(ALGEBRA).solve("w", new Matrix(3, 1, new float[] {3, 1, 2}), one, new Pattern.BlockThreshold(0.4)).weight().values()).containsExactly(3, 0, 0);
        InverseFactor none = InverseFactor.of("w", 0, new float[0], 0.01, ALGEBRA);
        assertThat(new SparseGpt(ALGEBRA).solve("w", new Matrix(2, 0, new float[0]), none, new Pattern.ZerosPerRow(new int[2])).weight().values()).isEmpty();
    }

    @Test
    void aWeightThatIsNotFiniteIsRefusedByName() {
        InverseFactor one = InverseFactor.of("w", 1, new float[] {2}, 0.01, ALGEBRA);
        assertThatThrownBy(() -> new SparseGpt(ALGEBRA).solve("decoder#o", new Matrix(1, 1, new float[] {Float.NaN}), one, new Pattern.ZerosPerRow(new int[1])))
                .isInstanceOf(RefusedInput.class).hasMessageContaining("decoder#o");
    }

    private static Matrix zeros(Matrix w) {
        return new Matrix(w.rows(), w.columns(), new float[w.values().length]);
    }

    private static int zeros(Matrix w, int row) {
        return (int) IntStream.range(row * w.columns(), (row + 1) * w.columns()).filter(k -> w.values()[k] == 0f).count();
    }

    /** (tokens, features): correlated features of different size. */
    private static float[] inputs(int features, int tokens, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] inputs = new float[tokens * features];
        for (int t = 0; t < tokens; t++) {
            double common = random.nextGaussian(), last = 0;
            for (int j = 0; j < features; j++) {
                last = 0.7 * last + random.nextGaussian();
                inputs[t * features + j] = (float) ((last + 0.5 * common) * (1 + j % 5));
            }
        }
        return inputs;
    }

    private static float[] hessian(float[] inputs, int features) {
        Hessian hessian = new Hessian(features, ALGEBRA);
        hessian.add(inputs, 4);
        return hessian.values();
    }

    private static float[] norms(float[] inputs, int features) {
        float[] norms = new float[features];
        for (int k = 0; k < inputs.length; k++) {
            norms[k % features] += inputs[k] * inputs[k];
        }
        return norms;
    }

    /** Sum of squared differences of both weights' outputs. */
    private static double outputError(Matrix a, Matrix b, float[] inputs) {
        int columns = a.columns();
        double error = 0;
        for (int t = 0; t < inputs.length; t += columns) {
            for (int i = 0; i < a.rows(); i++) {
                double off = 0;
                for (int j = 0; j < columns; j++) {
                    off += ((double) a.values()[i * columns + j] - b.values()[i * columns + j]) * inputs[t + j];
                }
                error += off * off;
            }
        }
        return error;
    }
}
