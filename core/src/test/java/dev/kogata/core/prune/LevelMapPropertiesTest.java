package dev.kogata.core.prune;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** What holds for level maps of any weight: exact counts, nested masks, one rule shared with exact masks. */
class LevelMapPropertiesTest {

    @Property(tries = 300)
    void nonzerosOfEveryRowAreAnalytic(@ForAll AwkwardRows kind, @ForAll @IntRange(min = 1, max = 600) int columns, @ForAll @IntRange(max = 254) int step,
            @ForAll @IntRange(max = 3) int first, @ForAll long seed) {
        int rowsAtNextStep = step == LevelMap.LAST_STEP ? 0 : first;
        Matrix w = kind.matrix(3, columns, seed);
        RowScores scores = PruningMethod.MAGNITUDE.rowScores("w", w, new float[columns]);
        Matrix elastic = LevelMap.apply(w, LevelMap.levels(w, scores), step, rowsAtNextStep);
        for (int i = 0; i < 3; i++) {
            int zeros = LevelMap.zeros(columns, i < rowsAtNextStep ? step + 1 : step);
            assertThat(nonzeros(elastic, i)).isEqualTo(columns - Math.max(zeros, columns - nonzeros(w, i)));
        }
    }

    @Property(tries = 300)
    void anExactMaskWithTheSameScoresIsTheElasticWeight(@ForAll AwkwardRows kind, @ForAll @IntRange(min = 1, max = 600) int columns,
            @ForAll @IntRange(max = 253) int step, @ForAll @IntRange(max = 3) int first, @ForAll long seed) {
        Matrix w = kind.matrix(3, columns, seed);
        RowScores scores = PruningMethod.RIA.rowScores("w", w, new float[columns]);
        assertThat(ExactMask.apply(w, scores, step, first).values())
                .isEqualTo(LevelMap.apply(w, LevelMap.levels(w, scores), step, first).values());
    }

    private static int nonzeros(Matrix w, int row) {
        int nonzeros = 0;
        for (int j = 0; j < w.columns(); j++) {
            nonzeros += w.values()[row * w.columns() + j] != 0f ? 1 : 0;
        }
        return nonzeros;
    }
}
