package dev.kogata.core.cache;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HalfTest {

    @Test
    void everyHalfSurvivesTheWayToFloatAndBack() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            float value = Half.value((short) bits);
            if (Float.isNaN(value)) {
                assertThat(Float.isNaN(Half.value(Half.bits(value)))).isTrue();
            } else {
                assertThat(Half.bits(value)).isEqualTo((short) bits);
            }
        }
    }

    @Test
    void everyHalfHasItsValueByTheDefinition() {
        for (int bits = 0; bits < 0x7c00; bits++) {
            int exponent = bits >> 10, fraction = bits & 0x3ff;
            double value = exponent == 0 ? fraction * 0x1p-24 : (1 + fraction / 1024.0) * Math.pow(2, exponent - 15);
            assertThat((double) Half.value((short) bits)).isEqualTo(value);
            assertThat((double) Half.value((short) (bits | 0x8000))).isEqualTo(-value);
        }
    }

    @Test
    void whatLiesBetweenTwoHalvesGoesToTheNearerAndFromTheMiddleToTheEvenOne() {
        for (int bits = 0; bits < 0x7bff; bits++) {
            float low = Half.value((short) bits), high = Half.value((short) (bits + 1)), middle = (low + high) / 2;
            assertThat(Half.bits(middle)).isEqualTo((short) (bits + (bits & 1)));
            assertThat(Half.bits(Math.nextDown(middle))).isEqualTo((short) bits);
            assertThat(Half.bits(-Math.nextUp(middle))).isEqualTo((short) (bits + 1 | 0x8000));
        }
    }

    @Test
    void whatIsTooLargeIsInfiniteAsBitsAndTheLargestWhenRounded() {
        assertThat(Half.bits(65519.99f)).isEqualTo((short) 0x7bff);
        assertThat(Half.bits(65520f)).isEqualTo((short) 0x7c00);
        assertThat(Half.bits(Float.NEGATIVE_INFINITY)).isEqualTo((short) 0xfc00);
        assertThat(Half.round(1e30f)).isEqualTo(65504f);
        assertThat(Half.round(-1e30f)).isEqualTo(-65504f);
        assertThat(Half.bits(Float.MIN_VALUE)).isZero();
    }
}
