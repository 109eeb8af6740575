package dev.kogata.core.prune;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What selection finds is what sorting finds, on sizes and values that are awkward for it. */
class FastTwinTest {
    private static final int[] SIZES = {1, 2, 3, 4, 6, 13, 31, 64, 127, 207, 256, 257, 512, 702, 1023, 2046, 4098};

    @ParameterizedTest
    @EnumSource(AwkwardRows.class)
    void masksAreThoseOfSortedRows(AwkwardRows kind) {
        SplittableRandom random = new SplittableRandom(11);
        for (int columns : SIZES) {
            Matrix w = kind.matrix(5, columns, columns);
            RowScores scores = PruningMethod.MAGNITUDE.rowScores("w", w, new float[columns]);
            for (int zeros : new int[] {0, 1, columns / 2, columns - 1, columns, random.nextInt(columns + 1)}) {
                assertThat(PruningMask.perRow(5, columns, scores, zeros)).as("%d of %d", zeros, columns)
                        .isEqualTo(PruningMask.perRowBySorting(5, columns, scores, zeros));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(AwkwardRows.class)
    void levelMapsAreThoseOfSortedRows(AwkwardRows kind) {
        for (int columns : SIZES) {
            Matrix w = kind.matrix(40, columns, columns + 1);
            float[] norms = new float[columns];
            for (int j = 0; j < columns; j++) {
                norms[j] = j % 7 * 0.3f;
            }
            for (PruningMethod method : PruningMethod.values()) {
                RowScores scores = method.rowScores("w", w, norms);
                assertThat(LevelMap.levels(w, scores)).as("%s, %d columns", method, columns).isEqualTo(LevelMap.levelsBySorting(w, scores));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(AwkwardRows.class)
    void kthValueIsThatOfASortedArray(AwkwardRows kind) {
        for (int size : SIZES) {
            float[] scores = PruningMethod.MAGNITUDE.scores("w", kind.matrix(1, size, 3), new float[size]);
            float[] sorted = scores.clone();
            Arrays.sort(sorted);
            for (int k : new int[] {0, size / 3, size / 2, size - 1}) {
                assertThat(KthValue.of(scores, k)).isEqualTo(sorted[k]);
            }
        }
    }
}
