package dev.kogata.core.allocate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.kogata.core.golden.GoldenCase;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Equal to the original OWL; other cases with {@code -Dgolden.dir=DIR}. */
class GoldenOwlTest {

    static List<GoldenCase> cases() {
        return GoldenCase.of("owl");
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("cases")
    void outliersAndSparsitiesAreThoseOfTheOriginal(GoldenCase golden) {
        int[] shape = golden.shape("metric");   // (layers, elements)
        float[] metric = golden.floats("metric");
        double[] percent = new double[shape[0]];
        for (int l = 0; l < percent.length; l++) {
            float[] layer = Arrays.copyOfRange(metric, l * shape[1], (l + 1) * shape[1]);
            int cut = shape[1] / 3;
            List<float[]> pieces = List.of(Arrays.copyOf(layer, cut), Arrays.copyOfRange(layer, cut, layer.length));
            percent[l] = Owl.outlierPercent(pieces, golden.number("threshold_multiple"));
        }
        assertThat(percent).containsExactly(golden.doubles("outlier_percent"), within(1e-12));
        double[] sparsities = new Owl(percent, golden.number("lambda_")).sparsities(golden.number("sparsity"));
        assertThat(sparsities).containsExactly(golden.doubles("layer_sparsity"), within(1e-12));
    }
}
