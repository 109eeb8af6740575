package dev.kogata.core.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class StaticScaleTest {

    @Test
    void minMaxPutsTheLargestMagnitudeOnTheHighestCode() {
        assertThat(StaticScale.MIN_MAX.calibrate(new float[] {1, -12.7f, 3}, 8)).isCloseTo(0.1f, within(1e-6f));
        assertThat(StaticScale.MIN_MAX.calibrate(new float[] {1, -14, 3}, 4)).isEqualTo(2f);
    }

    @Test
    void percentileClipsOneOfAThousand() {
        float[] x = new float[1000];
        for (int k = 0; k < 999; k++) {
            x[k] = 127f * (k + 1) / 999;
        }
        x[999] = 1e6f;
        assertThat(StaticScale.PERCENTILE.calibrate(x, 8)).isEqualTo(1f);
    }

    @Test
    void meanSquareErrorIsNeverWorseThanMinMax() {
        SplittableRandom random = new SplittableRandom(4);
        float[] x = new float[2000];
        for (int k = 0; k < x.length; k++) {
            x[k] = (float) Math.pow(random.nextGaussian(), 3);
        }
        assertThat(error(x, StaticScale.MEAN_SQUARE_ERROR.calibrate(x, 4))).isLessThan(error(x, StaticScale.MIN_MAX.calibrate(x, 4)) * 0.9);
    }

    @Test
    void theEnvelopeBoundsBothChannelsOfAPairAtAnyRotation() {
        assertThat(StaticScale.rotaryEnvelope(new float[] {3, 0, -4, 2}, 4, false)).containsExactly(5, 2, 5, 2);
        assertThat(StaticScale.rotaryEnvelope(new float[] {3, -4, 0, 2}, 4, true)).containsExactly(5, 5, 2, 2);
        assertThatThrownBy(() -> StaticScale.rotaryEnvelope(new float[3], 3, false)).hasMessageContaining("3 channels");
        // However far a pair is turned, it stays inside.
        SplittableRandom random = new SplittableRandom(2);
        float[] pair = {1.5f, -0.7f};
        float bound = StaticScale.rotaryEnvelope(pair, 2, false)[0];
        for (int turn = 0; turn < 100; turn++) {
            double angle = 2 * Math.PI * random.nextDouble();
            assertThat(Math.abs(pair[0] * Math.cos(angle) - pair[1] * Math.sin(angle))).isLessThanOrEqualTo(bound * (1 + 1e-6));
        }
    }

    @Test
    void everyChannelHasItsOwnScaleAndMinMaxTakesTheLargestOfAllThatWasSeen() {
        float[] rows = {1, 10, -2, 20, 3, -30};
        assertThat(StaticScale.MIN_MAX.calibrate(rows, new float[] {7, 70}, 4)).containsExactly(1, 10);
        assertThat(StaticScale.PERCENTILE.calibrate(rows, new float[] {7, 70}, 4)).containsExactly(3 / 7f, 30 / 7f);
        assertThat(StaticScale.MEAN_SQUARE_ERROR.calibrate(new float[0], new float[] {7, 14}, 4)).containsExactly(1, 2);
    }

    /** ONNX Runtime multiplies by the reciprocal: for this value and scale division rounds to the other code. */
    @Test
    void aCodeIsThatOfTheProductWithTheReciprocal() {
        SplittableRandom random = new SplittableRandom(9);
        int apart = 0;
        for (int k = 0; k < 10_000; k++) {
            float scale = (float) (0.01 + random.nextDouble()), x = (random.nextInt(-7, 7) + 0.5f) * scale;
            assertThat(StaticScale.code(x, scale, 4)).isEqualTo((int) Math.rint(Math.max(-8, Math.min(7, x * (1 / scale)))));
            apart += StaticScale.code(x, scale, 4) == (int) Math.rint(x / scale) ? 0 : 1;
        }
        assertThat(apart).isPositive();
    }

    @Test
    void codesAreClampedAndNibblesHoldTheEvenChannelLow() {
        assertThat(StaticScale.code(-100, 1, 4)).isEqualTo(-8);
        assertThat(StaticScale.code(100, 1, 4)).isEqualTo(7);
        assertThat(StaticScale.code(200, 1, 8)).isEqualTo(127);
        assertThat(StaticScale.code(2.5f, 1, 8)).isEqualTo(2);
        assertThat(StaticScale.packNibbles(new int[] {-8, 7, 0, -1})).containsExactly((byte) 0xf0, (byte) 0x78);
    }

    @Test
    void scalesArePositiveForChannelsWithoutValuesAndOtherWidthsAreRefused() {
        for (StaticScale threshold : StaticScale.values()) {
            assertThat(threshold.calibrate(new float[4], 8)).isPositive().isFinite();
            assertThat(threshold.calibrate(new float[0], 8)).isEqualTo(1f);
            assertThatThrownBy(() -> threshold.calibrate(new float[] {1}, 5)).hasMessageContaining("5 bits");
            assertThatThrownBy(() -> threshold.calibrate(new float[] {Float.NaN}, 8)).hasMessageContaining("NaN");
        }
    }

    private static double error(float[] x, float scale) {
        double sum = 0;
        for (float value : x) {
            double off = value - StaticScale.code(value, scale, 4) * scale;
            sum += off * off;
        }
        return sum;
    }
}
