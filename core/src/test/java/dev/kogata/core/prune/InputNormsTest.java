package dev.kogata.core.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class InputNormsTest {

    @Test
    void isTheMeanOverSequencesHoweverTheyArrive() {
        InputNorms oneByOne = new InputNorms(2), together = new InputNorms(2);
        oneByOne.add(new float[] {4, 0}, 1);
        oneByOne.add(new float[] {8, 9}, 1);
        oneByOne.add(new float[] {12, 3}, 1);
        together.add(new float[] {4, 0}, 1);
        together.add(new float[] {20, 12}, 2);
        assertThat(oneByOne.meanSquareNorm()).containsExactly(new float[] {8, 4}, within(1e-5f));
        assertThat(together.meanSquareNorm()).containsExactly(new float[] {8, 4}, within(1e-5f));
    }

    @Test
    void refusesAnotherNumberOfFeatures() {
        assertThatThrownBy(() -> new InputNorms(2).add(new float[3], 1)).hasMessageContaining("3 features");
        assertThatThrownBy(() -> new InputNorms(2).add(new float[2], 0)).hasMessageContaining("0 sequences");
    }
}
