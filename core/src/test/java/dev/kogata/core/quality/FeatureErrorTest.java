package dev.kogata.core.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class FeatureErrorTest {
    private static final float[] DENSE = {3, 0, -4};

    @Test
    void isTheSquaredDistanceRelativeToTheDenseFeaturesOwnSquare() {
        assertThat(FeatureError.of(new float[] {3, 0, -4}, DENSE)).isZero();
        assertThat(FeatureError.of(new float[] {3, 2, -3}, DENSE)).isEqualTo(5 / 25.0);
        assertThat(FeatureError.of(new float[3], DENSE)).as("features of zeros").isEqualTo(1);
        assertThat(FeatureError.of(new float[] {300, 200, -300}, new float[] {300, 0, -400})).as("whatever the unit").isCloseTo(0.2, within(1e-12));
    }

    @Test
    void whatIsNoNumberIsTheWorstThereIs() {
        assertThat(FeatureError.of(new float[] {Float.NaN, 0, 0}, DENSE)).isInfinite();
        assertThat(FeatureError.of(new float[] {Float.POSITIVE_INFINITY, 0, 0}, DENSE)).isInfinite();
        assertThat(FeatureError.of(new float[] {1, 0, 0}, new float[3])).as("away from nothing").isInfinite();
        assertThatThrownBy(() -> FeatureError.of(new float[2], DENSE)).hasMessageContaining("2 features against 3");
    }

    @Test
    void aSetsErrorIsTheMeanOverPicturesWithItsStandardError() {
        FeatureQuality quality = FeatureQuality.of(List.of(0.1, 0.3, 0.2), 1);
        assertThat(quality.error()).isCloseTo(0.2, within(1e-15));
        assertThat(quality.standardError()).isCloseTo(Math.sqrt(0.02 / 2 / 3), within(1e-15));
        assertThat(FeatureQuality.of(List.of(0.5), 1).standardError()).as("the spread of one picture is not known").isZero();
    }
}
