package dev.kogata.core.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.kogata.core.cache.KeyFactors.Pairs;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class KeyFactorsTest {

    @Test
    void aPairSharesTheRootOfItsLargerRangeAndAHeadsGeometricMeanIsOne() {
        assertThat(KeyFactors.calibrate(new float[] {32, 2, 16, 1}, 1, 4, Pairs.HALVES)).containsExactly(new float[] {2, 0.5f, 2, 0.5f}, within(1e-6f));
    }

    @Test
    void neighboursShareAFactorWhereTheyAreTurnedTogetherAndNobodyWhereNoneAre() {
        float[] largest = {32, 16, 2, 1};
        assertThat(KeyFactors.calibrate(largest, 1, 4, Pairs.NEIGHBOURS)).containsExactly(new float[] {2, 2, 0.5f, 0.5f}, within(1e-6f));
        assertThat(KeyFactors.calibrate(largest, 1, 4, Pairs.NONE)).doesNotHaveDuplicates();
    }

    @Test
    void deadUnmeasuredAndExtremeChannelsGetFactorsThatDivide() {
        for (float factor : KeyFactors.calibrate(new float[] {0, 1, Float.NaN, 1e30f, 0, 1e-30f, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0}, 2, 8, Pairs.HALVES)) {
            assertThat(factor).isFinite().isPositive();
        }
        assertThat(KeyFactors.calibrate(new float[4], 1, 4, Pairs.HALVES)).containsOnly(1f);
    }

    @Test
    void theErrorOfProductsFallsWhereChannelsDiffer() {
        SplittableRandom random = new SplittableRandom(1);
        int channels = 32, tokens = 200;
        float[] keys = new float[tokens * channels], largest = new float[channels];
        for (int k = 0; k < keys.length; k++) {
            int c = k % channels;
            keys[k] = (float) (random.nextGaussian() * (c % 16 == 3 ? 20 : 1));
            largest[c] = Math.max(largest[c], Math.abs(keys[k]));
        }
        float[] factors = KeyFactors.calibrate(largest, 1, channels, Pairs.HALVES), none = new float[channels];
        Arrays.fill(none, 1);
        assertThat(error(keys, factors, channels)).isLessThan(error(keys, none, channels) * 0.75);
    }

    @Test
    void refusesOddHeads() {
        assertThatThrownBy(() -> KeyFactors.calibrate(new float[3], 1, 3, Pairs.HALVES)).hasMessageContaining("3 channels");
    }

    /** Mean square error of q.k over random queries. */
    private static double error(float[] keys, float[] factors, int channels) {
        SplittableRandom random = new SplittableRandom(2);
        PortableCodec codec = new PortableCodec(channels, channels, 4);
        double sum = 0;
        for (int t = 0; t < keys.length; t += channels) {
            float[] divided = new float[channels];
            for (int c = 0; c < channels; c++) {
                divided[c] = keys[t + c] / factors[c];
            }
            float[] back = codec.decode(codec.encode(divided, 0));
            double off = 0;
            for (int c = 0; c < channels; c++) {
                off += random.nextGaussian() * (back[c] * factors[c] - keys[t + c]);
            }
            sum += off * off;
        }
        return sum;
    }
}
