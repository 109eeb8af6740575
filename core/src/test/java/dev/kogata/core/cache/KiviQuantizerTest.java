package dev.kogata.core.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class KiviQuantizerTest {

    @Test
    void aConstantGroupIsRestoredExactly() {
        KiviQuantizer quantizer = new KiviQuantizer(2, 2);
        float[] x = {5, 5, -1, 2};
        KiviQuantizer.Quantized values = quantizer.values(x, 1, 4);
        assertThat(values.codes()).containsExactly(0, 0, 0, 3);
        assertThat(quantizer.decodeValues(values, 1, 4)).containsExactly(x);
    }

    @Test
    void keysShareAScaleAlongTokensAndValuesAlongChannels() {
        float[] x = {0, 10, 3, 40, 0, 10, 3, 40};   // (1 head, 4 tokens, 2 channels)
        KiviQuantizer quantizer = new KiviQuantizer(8, 2);
        assertThat(quantizer.keys(x, 4, 2).minima()).containsExactly(0, 10, 0, 10);
        assertThat(quantizer.values(x, 4, 2).minima()).containsExactly(0, 3, 0, 3);
    }

    @Test
    void halfwayCodesAreRoundedToEven() {
        assertThat(new KiviQuantizer(2, 4).values(new float[] {0, 0.5f, 1.5f, 3}, 1, 4).codes()).containsExactly(0, 0, 2, 3);
    }

    @Test
    void refusesTokensThatFillNoGroup() {
        assertThatThrownBy(() -> new KiviQuantizer(2, 4).keys(new float[6], 3, 2)).hasMessageContaining("groups of 4 tokens");
        assertThatThrownBy(() -> new KiviQuantizer(2, 4).values(new float[6], 3, 2)).hasMessageContaining("groups of 4 channels");
        assertThatThrownBy(() -> new KiviQuantizer(0, 4)).hasMessageContaining("0 bits");
    }
}
