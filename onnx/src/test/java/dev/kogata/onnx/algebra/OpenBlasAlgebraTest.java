package dev.kogata.onnx.algebra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.kogata.core.prune.DenseAlgebra;
import dev.kogata.core.prune.InverseFactor;
import dev.kogata.core.prune.Matrix;
import dev.kogata.core.prune.Pattern;
import dev.kogata.core.prune.PlainAlgebra;
import dev.kogata.core.prune.SparseGpt;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OpenBlasAlgebraTest {
    private final DenseAlgebra blas = new OpenBlasAlgebra(2);
    private final DenseAlgebra plain = new PlainAlgebra();

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 17, 64, 130, 300})
    void factorsAndInvertsAsPlainJavaDoes(int n) {
        float[] hessian = hessian(n, 3 * n, blas), expected = hessian.clone();
        assertThat(blas.cholesky(n, hessian)).isEqualTo(-1);
        assertThat(plain.cholesky(n, expected)).isEqualTo(-1);
        assertThat(lower(n, hessian)).containsExactly(lower(n, expected), within(1e-3f));
        blas.invertLower(n, hessian);
        plain.invertLower(n, expected);
        assertThat(lower(n, hessian)).containsExactly(lower(n, expected), within(1e-3f));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 256, 257, 600})
    void subtractsAProductWithinLargerMatrices(int m) {
        int n = 37, k = 19;
        float[] a = random(m * (k + 3), 1), b = random((k + 1) * (n + 2), 2), c = random((m + 1) * (n + 5), 3), expected = c.clone();
        blas.subtractProduct(m, n, k, a, 2, k + 3, b, 1, n + 2, c, 4, n + 5);
        plain.subtractProduct(m, n, k, a, 2, k + 3, b, 1, n + 2, expected, 4, n + 5);
        assertThat(c).containsExactly(expected, within(1e-4f));
        blas.subtractProduct(m, 0, k, a, 0, k, b, 0, 1, c, 0, 1);
        assertThat(c).containsExactly(expected, within(1e-4f));
    }

    @Test
    void aMatrixThatIsNotPositiveHasThePivotThatPlainJavaFinds() {
        float[] a = hessian(40, 120, blas);
        a[23 * 40 + 23] = -1;
        assertThat(blas.cholesky(40, a.clone())).isEqualTo(plain.cholesky(40, a.clone())).isEqualTo(23);
        a[23 * 40 + 23] = Float.POSITIVE_INFINITY;
        assertThat(blas.cholesky(40, a.clone())).isEqualTo(23);
        assertThatThrownBy(() -> blas.invertLower(3, new float[9])).hasMessageContaining("without an inverse");
    }

    @Test
    void repairsAsPlainJavaDoes() {
        int rows = 30, columns = 200;
        float[] hessian = hessian(columns, 800, plain);
        for (int i = 0; i < columns; i++) {
            for (int j = i + 1; j < columns; j++) {
                hessian[i * columns + j] = hessian[j * columns + i];
            }
        }
        Matrix w = new Matrix(rows, columns, random(rows * columns, 5));
        int[] zeros = new int[rows];
        Arrays.fill(zeros, 110);
        Pattern pattern = new Pattern.ZerosPerRow(zeros);
        float[] fast = new SparseGpt(blas).solve("w", w, InverseFactor.of("w", columns, hessian, 0.01, blas), pattern).weight().values();
        float[] slow = new SparseGpt(plain).solve("w", w, InverseFactor.of("w", columns, hessian, 0.01, plain), pattern).weight().values();
        assertThat(fast).containsExactly(slow, within(1e-2f));
    }

    private static float[] hessian(int n, int tokens, DenseAlgebra algebra) {
        float[] sum = new float[n * n];
        algebra.addGram(tokens, n, 2f / tokens, random(tokens * n, 7), sum);
        for (int i = 0; i < n; i++) {
            sum[i * n + i] += 0.05f;
        }
        return sum;
    }

    private static float[] lower(int n, float[] a) {
        float[] lower = new float[n * n];
        for (int i = 0; i < n; i++) {
            System.arraycopy(a, i * n, lower, i * n, i + 1);
        }
        return lower;
    }

    private static float[] random(int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextDouble(-1, 1);
        }
        return values;
    }
}
