package dev.kogata.core.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.kogata.core.golden.GoldenCase;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Equal to Optuna's own numbers; {@code -Dgolden.dir=DIR} tries other cases of the same form in {@code DIR/parzen}. */
class GoldenParzenTest {

    private static final Pattern PARAMETER = Pattern.compile(
            "\"name\": \"(\\w+)\",\\s*\"type\": \"(\\w+)\",\\s*\"low\": ([^,]+),\\s*\"high\": ([^,]+),\\s*\"step\": ([^,]+),\\s*\"log\": (\\w+),\\s*\"choices\": (\\w+)");

    static List<GoldenCase> cases() {
        return GoldenCase.of("parzen");
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("cases")
    void densitiesWeightsAndGammaAreOptunas(GoldenCase golden) {
        List<Parameter> parameters = parameters(golden.json());
        double[][] observations = matrix(golden.doubles("observations"), parameters.size());
        double[][] points = matrix(golden.doubles("points"), parameters.size());
        double[] expected = golden.doubles("log_pdf");

        ParzenEstimator estimator = new ParzenEstimator(parameters, observations, bandwidth(golden.json()));
        for (int i = 0; i < points.length; i++) {
            assertThat(estimator.logDensity(points[i])).as("point %d", i).isCloseTo(expected[i], within(1e-9));
            assertThat(estimator.leastLogDensity(points[i])).as("bound at point %d", i).isLessThan(expected[i] + 1e-9);
        }
        double[] weights = golden.doubles("weights");
        assertThat(Members.weights(observations.length)).hasSize(weights.length).containsExactly(weights, within(1e-15));
        assertThat(TpeSampler.gamma(25)).isEqualTo(golden.integer("gamma_25"));
        assertThat(TpeSampler.gamma(Math.max(1, observations.length))).isEqualTo(golden.integer("gamma_n"));
    }

    private static Bandwidth bandwidth(String json) {
        if (!json.contains("\"reference\": \"optuna 4")) {
            return Bandwidth.NEIGHBOURS;
        }
        return json.contains("\"multivariate\": true") ? Bandwidth.SCOTT : Bandwidth.NEIGHBOURS_AND_PRIOR;
    }

    private static List<Parameter> parameters(String json) {
        List<Parameter> parameters = new ArrayList<>();
        Matcher matcher = PARAMETER.matcher(json);
        while (matcher.find()) {
            boolean log = matcher.group(6).equals("true");
            String step = matcher.group(5);
            parameters.add(switch (matcher.group(2)) {
                case "FloatDistribution" -> new Parameter.Real(matcher.group(1), Double.parseDouble(matcher.group(3)),
                        Double.parseDouble(matcher.group(4)), step.equals("null") ? 0 : Double.parseDouble(step), log);
                case "IntDistribution" -> new Parameter.Whole(matcher.group(1), (int) Double.parseDouble(matcher.group(3)),
                        (int) Double.parseDouble(matcher.group(4)), (int) Double.parseDouble(step), log);
                default -> new Parameter.Choice(matcher.group(1), Integer.parseInt(matcher.group(7)));
            });
        }
        assertThat(parameters).isNotEmpty();
        return parameters;
    }

    private static double[][] matrix(double[] flat, int columns) {
        double[][] rows = new double[flat.length / columns][columns];
        for (int i = 0; i < flat.length; i++) {
            rows[i / columns][i % columns] = flat[i];
        }
        return rows;
    }
}
