package dev.kogata.core.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Equal to Optuna's own numbers; {@code -Dgolden.dir=DIR} tries other cases of the same form in {@code DIR/parzen}. */
class GoldenParzenTest {

    private static final Pattern PARAMETER = Pattern.compile(
            "\"name\": \"(\\w+)\",\\s*\"type\": \"(\\w+)\",\\s*\"low\": ([^,]+),\\s*\"high\": ([^,]+),\\s*\"step\": ([^,]+),\\s*\"log\": (\\w+),\\s*\"choices\": (\\w+)");

    static Stream<Path> cases() throws IOException, URISyntaxException {
        String other = System.getProperty("golden.dir", "");
        Path folder = other.isEmpty() ? Path.of(GoldenParzenTest.class.getResource("/golden/parzen").toURI()) : Path.of(other, "parzen");
        try (Stream<Path> found = Files.list(folder)) {
            return found.filter(path -> Files.exists(path.resolve("case.json"))).sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void densitiesWeightsAndGammaAreOptunas(Path folder) throws IOException {
        String json = Files.readString(folder.resolve("case.json"));
        List<Parameter> parameters = parameters(json);
        double[][] observations = matrix(folder.resolve("observations.f64"), parameters.size());
        double[][] points = matrix(folder.resolve("points.f64"), parameters.size());
        double[] expected = doubles(folder.resolve("log_pdf.f64"));

        ParzenEstimator estimator = new ParzenEstimator(parameters, observations, bandwidth(json));
        for (int i = 0; i < points.length; i++) {
            assertThat(estimator.logDensity(points[i])).as("point %d", i).isCloseTo(expected[i], within(1e-9));
        }
        double[] weights = doubles(folder.resolve("weights.f64"));
        assertThat(ParzenEstimator.weights(observations.length)).hasSize(weights.length).containsExactly(weights, within(1e-15));
        assertThat(TpeSampler.gamma(25)).isEqualTo(integer(json, "gamma_25"));
        assertThat(TpeSampler.gamma(Math.max(1, observations.length))).isEqualTo(integer(json, "gamma_n"));
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

    private static int integer(String json, String field) {
        Matcher matcher = Pattern.compile("\"" + field + "\": (\\d+)").matcher(json);
        assertThat(matcher.find()).isTrue();
        return Integer.parseInt(matcher.group(1));
    }

    private static double[][] matrix(Path file, int columns) throws IOException {
        double[] flat = doubles(file);
        double[][] rows = new double[flat.length / columns][columns];
        for (int i = 0; i < flat.length; i++) {
            rows[i / columns][i % columns] = flat[i];
        }
        return rows;
    }

    private static double[] doubles(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        double[] values = new double[bytes.remaining() / Double.BYTES];
        bytes.asDoubleBuffer().get(values);
        return values;
    }
}
