package dev.kogata.core.allocate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LayerAllocationTest {

    static Stream<LayerAllocation> rules() {
        return Stream.of(new Uniform(7), new Owl(new double[] {1, 4, 2, 2, 9, 0.5, 3}, Owl.LAMBDA), new ArithmeticProgression(7, 0.03),
                new ArithmeticProgression(7, 5), new RandomAllocation(7, 0.1, 5), new RandomAllocation(7, 3, 5));
    }

    @ParameterizedTest
    @MethodSource("rules")
    void layersHaveTheMeanThatWasAsked(LayerAllocation rule) {
        for (double mean : new double[] {0.2, 0.5, 0.73, 0.9}) {
            double[] sparsities = rule.sparsities(mean);
            assertThat(sparsities).hasSize(7);
            assertThat(Arrays.stream(sparsities).average().orElseThrow()).isCloseTo(mean, within(1e-12));
            for (double sparsity : sparsities) {
                assertThat(sparsity).isBetween(-1e-12, 1.0);
            }
        }
        assertThat(rule.sparsities(0.5)).isEqualTo(rule.sparsities(0.5));
    }

    @ParameterizedTest
    @MethodSource("rules")
    void whatIsNoSparsityIsRefused(LayerAllocation rule) {
        for (double mean : new double[] {-0.1, 1, Double.NaN}) {
            assertThatThrownBy(() -> rule.sparsities(mean)).hasMessageContaining("[0, 1)");
        }
    }

    @Test
    void owlSparesTheLayerWithMostOutliersAndSpreadsTwiceLambda() {
        double[] sparsities = new Owl(new double[] {1, 9, 5}, 0.08).sparsities(0.7);
        assertThat(sparsities[0] - sparsities[1]).isCloseTo(0.16, within(1e-12));
        assertThat(sparsities[2]).isCloseTo(0.7, within(1e-12));
    }

    @Test
    void owlIsUniformWhereLayersAreAlike() {
        assertThat(new Owl(new double[] {2, 2, 2}, 0.08).sparsities(0.5)).containsOnly(0.5);
        assertThat(Owl.outlierPercent(List.of(), 5)).isZero();
        assertThat(Owl.outlierPercent(List.of(new float[100]), 5)).isZero();
    }

    @Test
    void aProgressionPrunesEveryLayerMoreThanTheOneBefore() {
        assertThat(new ArithmeticProgression(3, 0.1).sparsities(0.5)).containsExactly(new double[] {0.4, 0.5, 0.6}, within(1e-12));
        assertThat(new ArithmeticProgression(1, 0.1).sparsities(0.5)).containsExactly(0.5);
        assertThat(new ArithmeticProgression(3, 9).sparsities(0.9)).containsExactly(new double[] {0.8, 0.9, 1.0}, within(1e-12));
    }

    @Test
    void randomIsAnotherWithAnotherSeed() {
        assertThat(new RandomAllocation(7, 0.1, 5).sparsities(0.5)).isNotEqualTo(new RandomAllocation(7, 0.1, 6).sparsities(0.5));
    }
}
