package dev.kogata.core.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class PruningMaskTest {

    @Test
    void ofEqualScoresTheFirstColumnsDie() {
        assertThat(PruningMask.perRow(1, 5, RowScores.of(new float[] {2, 1, 1, 2, 1}), 2)).containsExactly(false, true, true, false, false);
        assertThat(PruningMask.perRow(1, 5, RowScores.of(new float[] {2, 1, 1, 2, 1}), 4)).containsExactly(true, true, true, false, true);
    }

    @Test
    void everyBlockLosesItsLowestAndAShortLastBlockAsMany() {
        float[] scores = {4, 3, 2, 1, 1, 6, 7, 0, 9, 8, 7};
        assertThat(PruningMask.perBlock(1, 11, RowScores.of(scores), 2, 4))
                .containsExactly(false, false, true, true, true, false, false, true, false, true, true);
        assertThat(PruningMask.perBlock(1, 5, RowScores.of(new float[] {3, 2, 1, 4, 5}), 3, 4)).containsExactly(true, true, true, false, true);
    }

    /** Pairs of equal scores, in the order in which the original's selection leaves them. */
    @Test
    void ofEqualScoresABlockLosesThoseThatTheOriginalTakes() {
        assertThat(PruningMask.perBlock(1, 4, RowScores.of(new float[4]), 2, 4)).containsExactly(false, false, true, true);
        assertThat(PruningMask.perBlock(1, 4, RowScores.of(new float[4]), 3, 4)).containsExactly(true, false, true, true);
        assertThat(PruningMask.perBlock(1, 3, RowScores.of(new float[3]), 1, 4)).containsExactly(true, false, false);
    }

    @Test
    void theWholeMatrixSharesAThresholdWhoseEqualsDieToo() {
        assertThat(PruningMask.wholeMatrix(new float[] {5, 1, 3, 3, 2, 3}, 0.34)).containsExactly(false, true, true, true, true, true);
        assertThat(PruningMask.wholeMatrix(new float[] {5, 1, 3, 4}, 0)).containsExactly(false, true, false, false);
        assertThat(PruningMask.wholeMatrix(new float[0], 0.5)).isEmpty();
    }

    @Test
    void countsAreRoundedDownAndASparsityOfOneIsRefused() {
        assertThat(PruningMask.zeros(10, 0.39)).isEqualTo(3);
        assertThat(PruningMask.zeros(10, 0)).isZero();
        assertThatThrownBy(() -> PruningMask.zeros(10, 1)).hasMessageContaining("[0, 1)");
        assertThatThrownBy(() -> PruningMask.zeros(10, Double.NaN)).hasMessageContaining("NaN");
        assertThatThrownBy(() -> PruningMask.perRow(1, 3, RowScores.of(new float[3]), 4)).hasMessageContaining("4 zeros of 3");
    }
}
