package dev.kogata.core.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class RankCorrelationTest {

    @Test
    void onlyTheOrderCounts() {
        assertThat(RankCorrelation.of(new double[] {1, 2, 30}, new double[] {0.1, 0.5, 0.6})).hasValue(1);
        assertThat(RankCorrelation.of(new double[] {1, 2, 30}, new double[] {9, 8, -100})).hasValue(-1);
        // Ranks 1 2 3 4 5 against 2 1 4 3 5: 1 - 6 * 4 / (5 * 24).
        assertThat(RankCorrelation.of(new double[] {1, 2, 3, 4, 5}, new double[] {2, 1, 4, 3, 5}).orElseThrow()).isCloseTo(0.8, within(1e-12));
    }

    @Test
    void equalValuesShareTheirRank() {
        // Ranks 1.5 1.5 3 against 1 2 3: covariance 1.5, variances 1.5 and 2.
        assertThat(RankCorrelation.of(new double[] {4, 4, 9}, new double[] {1, 2, 3}).orElseThrow()).isCloseTo(1.5 / Math.sqrt(3), within(1e-12));
    }

    @Test
    void tooFewOrNoOrderIsNone() {
        assertThat(RankCorrelation.of(new double[] {1, 2}, new double[] {1, 2})).isEmpty();
        assertThat(RankCorrelation.of(new double[] {1, 2, 3}, new double[] {5, 5, 5})).isEmpty();
    }
}
