package dev.kogata.core.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kogata.core.golden.GoldenCase;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Bit for bit the codes, scales and minima of KIVI; other cases with {@code -Dgolden.dir=DIR}. */
class GoldenKiviTest {

    static List<GoldenCase> cases() {
        return GoldenCase.of("kivi");
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("cases")
    void keysAreQuantizedAsInTheOriginal(GoldenCase golden) {
        int[] shape = golden.shape("key");   // (batch, heads, tokens, channels)
        float[] x = golden.floats("key");
        KiviQuantizer quantizer = quantizer(golden);
        KiviQuantizer.Quantized keys = quantizer.keys(x, shape[2], shape[3]);
        assertThat(keys.minima()).isEqualTo(golden.floats("key_min"));
        assertThat(keys.scales()).isEqualTo(golden.floats("key_scale"));
        assertThat(keys.codes()).isEqualTo(golden.ints("key_codes"));
        assertHalfAStepAway(x, quantizer.decodeKeys(keys, shape[2], shape[3]), keys.scales());
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("cases")
    void valuesAreQuantizedAsInTheOriginal(GoldenCase golden) {
        int[] shape = golden.shape("value");
        float[] x = golden.floats("value");
        KiviQuantizer quantizer = quantizer(golden);
        KiviQuantizer.Quantized values = quantizer.values(x, shape[2], shape[3]);
        assertThat(values.minima()).isEqualTo(golden.floats("value_min"));
        assertThat(values.scales()).isEqualTo(golden.floats("value_scale"));
        assertThat(values.codes()).isEqualTo(golden.ints("value_codes"));
        assertHalfAStepAway(x, quantizer.decodeValues(values, shape[2], shape[3]), values.scales());
    }

    private static KiviQuantizer quantizer(GoldenCase golden) {
        return new KiviQuantizer(golden.integer("bits"), golden.integer("group_size"));
    }

    private static void assertHalfAStepAway(float[] x, float[] decoded, float[] scales) {
        float largest = 0;
        for (float scale : scales) {
            largest = Math.max(largest, scale);
        }
        for (int k = 0; k < x.length; k++) {
            assertThat(Math.abs(x[k] - decoded[k])).isLessThanOrEqualTo(largest * 0.501f);
        }
    }
}
