package dev.kogata.onnx.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtSession;
import dev.kogata.core.budget.ElasticPlan;
import dev.kogata.core.budget.WeightStep;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.bundle.CacheLayer;
import dev.kogata.onnx.bundle.ValueType;
import dev.kogata.onnx.bundle.WeightMatrix;
import dev.kogata.onnx.elastic.ElasticGraph;
import dev.kogata.onnx.elastic.ElasticSession;
import dev.kogata.onnx.elastic.RandomSamples;
import dev.kogata.onnx.elastic.StockRun;
import dev.kogata.onnx.sample.Sample;
import dev.kogata.onnx.score.Sessions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The same model as every exporter writes it: what holds of one layout holds of all. */
class LayoutsTest {
    private static final int[] WIDTHS = {2, 3, 4, 6, 8};

    private final List<Sample> samples = RandomSamples.of(5, 64, 19, 26, 7);
    private Bundle bundle;
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"optimum", "dynamo", "attention", "genai", "merged_if", "float16"})
    void weightsAndCachesAreFound(String layout) {
        open(layout);
        boolean packed = layout.equals("genai");
        assertThat(bundle.weights()).hasSize(packed ? 10 : 14);
        assertThat(bundle.weights()).extracting(WeightMatrix::layer).containsOnly(0, 1);
        assertThat(bundle.weights()).extracting(WeightMatrix::role).contains("gate_proj", "up_proj", "down_proj", "o_proj", packed ? "qkv_proj" : "k_proj");
        assertThat(bundle.weights()).extracting(WeightMatrix::type).containsOnly(layout.equals("float16") ? ValueType.FLOAT16 : ValueType.FLOAT32);
        assertThat(bundle.weights()).allSatisfy(w -> assertThat(bundle.inputName(w)).isPresent());
        assertThat(bundle.cacheLayers()).extracting(CacheLayer::layer).containsExactly(0, 1);
        assertThat(bundle.cacheLayers()).allSatisfy(c -> {
            assertThat(c.kvHeads()).isEqualTo(2);
            assertThat(c.headSize()).isEqualTo(16);
            assertThat(c.valueBytes()).isEqualTo(layout.equals("float16") ? 2 : 4);
            assertThat(c.widths()).containsExactly(0, 2, 3, 4, 6, 8);
        });
        assertThat(bundle.remarks()).hasSize(packed ? 1 : 0).allSatisfy(r -> assertThat(r).contains("onnxruntime-genai's own loop"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"optimum", "dynamo", "attention", "genai", "merged_if", "float16"})
    void theLossOfATrialIsThatOfWhatIsDelivered(String layout) throws Exception {
        open(layout);
        Map<Integer, float[]> factors = factors();
        try (ElasticSession elastic = ElasticSession.open(ElasticGraph.of(bundle).cacheWidths(factors).answerLogits().write(folder), 2)) {
            for (int[] bits : new int[][] {{0, 0}, {2, 2}, {3, 3}, {4, 4}, {6, 6}, {8, 8}, {4, 0}, {0, 2}, {8, 3}}) {
                ElasticPlan plan = new ElasticPlan(bundle.weights().stream().map(w -> WeightStep.DENSE).toList(), List.of(bits[0], bits[0]), List.of(bits[1], bits[1]));
                List<float[]> searched = elastic.with(plan).answerLogits(samples);
                try (StockRun stock = new StockRun(deliver(factors, bits[0], bits[1]), bundle.vocabularySize(), 16)) {
                    List<float[]> found = stock.answerLogits(samples);
                    for (int s = 0; s < samples.size(); s++) {
                        assertThat(distance(found.get(s), searched.get(s))).as("%d bits, %d bits, sample %d", bits[0], bits[1], s).isLessThan(tolerance());
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"optimum", "dynamo", "attention", "genai", "merged_if", "float16"})
    void tokenByTokenGivesTheLogitsOfThePrefillAloneAndInABatch(String layout) throws Exception {
        open(layout);
        Map<Integer, float[]> factors = factors();
        for (int bits : WIDTHS) {
            try (OrtSession session = Sessions.open(deliver(factors, bits, bits), 2)) {
                // GroupQueryAttention counts a sequence's tokens from its beginning: padding on the left does not exist there.
                for (boolean left : layout.equals("genai") ? new boolean[] {false} : new boolean[] {false, true}) {
                    Decoding decoding = new Decoding(session, left, 16);
                    List<float[][]> whole = decoding.run(samples, 26);
                    assertSame(decoding.run(samples, 5), whole);
                    assertSame(decoding.run(samples.subList(1, 2), 3), whole.subList(1, 2));
                }
            }
        }
    }

    /** Nothing in a portable cache knows of the conversations that it was calibrated on: ranges are each token's own. */
    @ParameterizedTest
    @ValueSource(strings = {"optimum", "dynamo", "attention", "genai", "merged_if", "float16"})
    void contextsLongerThanThoseOfTheCalibrationAreNoDifferent(String layout) throws Exception {
        open(layout);
        List<Sample> longer = RandomSamples.of(6, 64, 150, 131);
        try (OrtSession session = Sessions.open(deliver(factors(), 4, 3), 2)) {
            Decoding decoding = new Decoding(session, false, 16);
            assertSame(decoding.run(longer, 120), decoding.run(longer, 150));
        }
    }

    @ParameterizedTest
    @CsvSource({"optimum,optimum", "dynamo,torch-export", "attention,standard-attention", "genai,genai", "merged_if,merged-decoder", "float16,optimum"})
    void theLayoutHasAName(String folder, String name) {
        open(folder);
        assertThat(bundle.layout()).isEqualTo(name);
    }

    @Test
    void theConfigurationOfGenaiSaysThatAPortableCacheGrows() throws Exception {
        open("genai");
        Path config = Path.of("genai_config.json");
        Path asIs = deliver(factors(), 0, 0).resolveSibling(config), portable = deliver(factors(), 0, 4).resolveSibling(config);
        assertThat(asIs).hasSameBinaryContentAs(bundle.root().resolve(config));
        assertThat(Files.readString(portable)).contains("\"past_present_share_buffer\" : false").contains("\"head_size\" : 16");
    }

    private void open(String layout) {
        bundle = Bundle.open(Path.of("src/test/resources/models/nano-" + layout));
    }

    private double tolerance() {
        return bundle.weights().get(0).type() == ValueType.FLOAT16 ? 2e-2 : 1e-5;
    }

    private Path deliver(Map<Integer, float[]> factors, int keyBits, int valueBits) throws Exception {
        Path target = Files.createTempDirectory(folder, "k%d-v%d-".formatted(keyBits, valueBits));
        new BundleWriter(bundle).write(target, w -> Optional.empty(), bundle.cacheLayers().stream()
                .map(l -> new DeliveredCache(l.layer(), keyBits, valueBits, factors.get(l.layer()))).toList());
        return target.resolve(bundle.decoder().orElseThrow().name());
    }

    /** Factors from a third to three, the same for the two channels of a rotary pair. */
    private Map<Integer, float[]> factors() {
        Random random = new Random(11);
        Map<Integer, float[]> all = new HashMap<>();
        for (CacheLayer layer : bundle.cacheLayers()) {
            float[] values = new float[layer.kvHeads() * layer.headSize()];
            int half = layer.headSize() / 2;
            for (int i = 0; i < values.length; i++) {
                values[i] = i % layer.headSize() < half ? (float) Math.exp(2 * random.nextDouble() - 1) : values[i - half];
            }
            all.put(layer.layer(), values);
        }
        return all;
    }

    private void assertSame(List<float[][]> actual, List<float[][]> expected) {
        for (int s = 0; s < expected.size(); s++) {
            for (int t = 0; t < expected.get(s).length; t++) {
                assertThat(distance(actual.get(s)[t], expected.get(s)[t])).as("sample %d token %d", s, t).isLessThan(10 * tolerance());
            }
        }
    }

    private static double distance(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        double largest = 0;
        for (int i = 0; i < actual.length; i++) {
            largest = Math.max(largest, Math.abs(actual[i] - expected[i]));
        }
        return largest;
    }
}
