package dev.kogata.onnx.solve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kogata.core.budget.BankCounts;
import dev.kogata.core.budget.VersionGrid;
import dev.kogata.core.budget.WeightShape;
import dev.kogata.core.budget.WeightStep;
import dev.kogata.core.prune.Matrix;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RowZerosTest {
    private static final VersionGrid GRID = new VersionGrid(List.of(0, 90, 150, 200, 254));

    @Test
    void aPlanOfVersionsHasTheZerosThatItsBytesWereCountedFor() {
        SplittableRandom random = new SplittableRandom(5);
        for (int round = 0; round < 500; round++) {
            Matrix values = matrix(random, 1 + random.nextInt(20), 1 + random.nextInt(50));
            int[] already = new RowZeros(Optional.empty()).of(values, WeightStep.DENSE);
            WeightShape shape = new WeightShape("w", 0, values.rows(), values.columns(), values.rows(), values.columns(), 4, already);
            WeightStep step = new WeightStep(random.nextInt(4), random.nextInt(values.rows() + 1));
            int[] zeros = new RowZeros(Optional.of(GRID)).of(values, step);
            long nonzeros = new BankCounts(shape, GRID).nonzeros(step.step(), step.rowsAtNextStep());
            assertThat((long) values.rows() * values.columns() - Arrays.stream(zeros).sum()).as("round %d", round).isEqualTo(nonzeros);
            for (int row = 0; row < zeros.length; row++) {
                assertThat(zeros[row]).as("round %d, row %d", round, row).isBetween(already[row], values.columns());
            }
        }
    }

    @Test
    void rowsShareThemEvenlyAsFarAsTheirOwnZerosAllow() {
        Matrix values = matrix(new SplittableRandom(1), 4, 64);
        Arrays.fill(values.values(), 1f);
        Arrays.fill(values.values(), 0, 60, 0f);   // the first row came with 60 zeros
        // Two rows of version 2, two of version 1: 60 + 37 + 22 + 22.
        int[] zeros = new RowZeros(Optional.of(GRID)).of(values, new WeightStep(1, 2));
        assertThat(zeros).containsExactly(60, 27, 27, 27);
    }

    @Test
    void aVersionThatIsNotThereIsRefused() {
        Matrix values = matrix(new SplittableRandom(1), 4, 16);
        assertThatThrownBy(() -> new RowZeros(Optional.of(GRID)).of(values, new WeightStep(4, 1))).isInstanceOf(IllegalArgumentException.class);
    }

    private static Matrix matrix(SplittableRandom random, int rows, int columns) {
        float[] values = new float[rows * columns];
        double zero = random.nextDouble();
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextInt(4) > 0 && random.nextDouble() < zero ? 0f : 1f + random.nextInt(5);
        }
        return new Matrix(rows, columns, values);
    }
}
