package dev.kogata.core.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.kogata.core.golden.GoldenCase;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Ranks, volumes and good trials as Optuna finds them; other cases with {@code -Dgolden.dir=DIR}. */
class GoldenParetoTest {

    static List<GoldenCase> cases() {
        return GoldenCase.of("pareto");
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("cases")
    void ranksAreOptunas(GoldenCase golden) {
        assertThat(NonDomination.ranks(losses(golden))).isEqualTo(golden.ints("rank"));
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("cases")
    void volumesAreOptunas(GoldenCase golden) {
        double[] reference = Hypervolume.reference(losses(golden));
        assertThat(reference).isEqualTo(golden.doubles("reference_point"));
        double expected = golden.doubles("hypervolume")[0];
        assertThat(Hypervolume.of(losses(golden), reference)).isCloseTo(expected, within(Double.isInfinite(expected) ? 0 : 1e-12 * expected));
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("cases")
    void goodTrialsAreOptunas(GoldenCase golden) {
        boolean[] expected = golden.booleans("good");
        assertThat(MultiObjectiveTpeSampler.best(losses(golden), golden.integer("good_size")))
                .isEqualTo(IntStream.range(0, expected.length).filter(i -> expected[i]).toArray());
    }

    private static double[][] losses(GoldenCase golden) {
        int[] shape = golden.shape("losses");
        double[] flat = golden.doubles("losses");
        return IntStream.range(0, shape[0]).mapToObj(i -> Arrays.copyOfRange(flat, i * shape[1], (i + 1) * shape[1])).toArray(double[][]::new);
    }
}
