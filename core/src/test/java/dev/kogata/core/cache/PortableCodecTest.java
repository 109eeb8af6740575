package dev.kogata.core.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PortableCodecTest {

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 6, 8})
    void valuesComeBackWithinHalfAStepAndTheRoundingOfItsHalves(int bits) {
        SplittableRandom random = new SplittableRandom(bits);
        PortableCodec codec = new PortableCodec(64, 32, bits);
        for (int round = 0; round < 200; round++) {
            float[] x = new float[70];
            for (int c = 0; c < x.length; c++) {
                x[c] = (float) (random.nextGaussian() * Math.pow(10, random.nextInt(-2, 3)));
            }
            PortableCodec.Encoded encoded = codec.encode(x, 6);
            float[] back = codec.decode(encoded);
            for (int c = 0; c < 64; c++) {
                float scale = encoded.scales()[c / 32], minimum = encoded.minima()[c / 32];
                assertThat(encoded.codes()[c]).isBetween(0, (1 << bits) - 1);
                assertThat(Half.round(scale)).isEqualTo(scale);
                assertThat(Half.round(minimum)).isEqualTo(minimum);
                float rounding = Math.abs(minimum) * 0x1p-10f + scale * (1 << bits) * 0x1p-10f;
                assertThat(Math.abs(back[c] - x[6 + c])).isLessThanOrEqualTo(scale * 0.5f + rounding);
            }
        }
    }

    @Test
    void encodingWhatWasDecodedChangesNothing() {
        SplittableRandom random = new SplittableRandom(3);
        PortableCodec codec = new PortableCodec(32, 16, 8);
        float[] x = new float[32];
        for (int c = 0; c < x.length; c++) {
            x[c] = random.nextInt(-128, 128);   // a step of at most 1 and whole minima: exact
        }
        x[0] = x[16] = -128;
        x[1] = x[17] = 127;
        assertThat(codec.decode(codec.encode(x, 0))).isEqualTo(x);
    }

    @Test
    void constantGroupsKeepTheirValueAndHugeOnesStayFinite() {
        PortableCodec codec = new PortableCodec(8, 8, 4);
        float[] constant = {2.5f, 2.5f, 2.5f, 2.5f, 2.5f, 2.5f, 2.5f, 2.5f};
        assertThat(codec.decode(codec.encode(constant, 0))).isEqualTo(constant);
        for (float value : codec.decode(codec.encode(new float[] {1e9f, -1e9f, 0, 1, 2, 3, 4, 5}, 0))) {
            assertThat(value).isFinite();
        }
    }

    @Test
    void codesAreRoundedHalfToEven() {
        float[] x = {0, 3, 0.5f, 1.5f, 2.5f, 1, 2, 0};
        assertThat(new PortableCodec(8, 8, 2).encode(x, 0).codes()).containsExactly(0, 3, 0, 2, 2, 1, 2, 0);
    }

    @Test
    void refusesGroupsThatDoNotFillTheHead() {
        assertThatThrownBy(() -> new PortableCodec(64, 48, 4)).hasMessageContaining("groups of 48 in 64 channels");
        assertThatThrownBy(() -> new PortableCodec(64, 32, 5)).hasMessageContaining("5 bits");
    }
}
