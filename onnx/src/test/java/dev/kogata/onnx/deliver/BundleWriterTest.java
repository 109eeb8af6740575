package dev.kogata.onnx.deliver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession;
import dev.kogata.core.budget.ElasticPlan;
import dev.kogata.core.budget.WeightStep;
import dev.kogata.core.cache.BitPacking;
import dev.kogata.core.cache.Half;
import dev.kogata.core.cache.PortableCodec;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.bundle.CacheLayer;
import dev.kogata.onnx.bundle.WeightMatrix;
import dev.kogata.onnx.elastic.ElasticGraph;
import dev.kogata.onnx.elastic.ElasticSession;
import dev.kogata.onnx.elastic.RandomSamples;
import dev.kogata.onnx.elastic.StockRun;
import dev.kogata.onnx.sample.Sample;
import dev.kogata.onnx.score.DecoderInputs;
import dev.kogata.onnx.score.PaddedBatch;
import dev.kogata.onnx.score.Sessions;
import java.nio.ByteBuffer;
import java.nio.ShortBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BundleWriterTest {
    private static final int[] WIDTHS = {2, 3, 4, 6, 8};
    private static final Function<WeightMatrix, Optional<ByteBuffer>> AS_THEY_ARE = weight -> Optional.empty();

    private final Bundle bundle = Bundle.open(Path.of("src/test/resources/models/nano-optimum"));
    private final List<Sample> samples = RandomSamples.of(5, 64, 19, 26, 7);
    /** Of one length: the minimum of padding's zeros has no sign to compare. */
    private final List<Sample> unpadded = RandomSamples.of(6, 64, 21, 21);
    private final Map<Integer, float[]> factors = factors();
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"2,0", "3,0", "4,0", "6,0", "8,0", "0,2", "0,3", "0,4", "0,6", "0,8", "4,2", "8,3"})
    void whatAPlanMeasuredIsWhatIsDelivered(int keyBits, int valueBits) throws Exception {
        Path work = Files.createDirectory(folder.resolve("work"));
        ElasticPlan plan = new ElasticPlan(bundle.weights().stream().map(w -> WeightStep.DENSE).toList(), List.of(keyBits, keyBits), List.of(valueBits, valueBits));
        Path delivered = deliver(AS_THEY_ARE, keyBits, valueBits);
        try (ElasticSession elastic = ElasticSession.open(ElasticGraph.of(bundle).cacheWidths(factors).answerLogits().write(work), 2);
             StockRun stock = new StockRun(delivered, bundle.vocabularySize())) {
            List<float[]> searched = elastic.with(plan).answerLogits(samples);
            List<float[]> found = stock.answerLogits(samples);
            for (int s = 0; s < samples.size(); s++) {
                assertThat(distance(found.get(s), searched.get(s))).isLessThan(1e-5);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void tokenByTokenGivesTheLogitsOfThePrefill(boolean padLeft) throws Exception {
        for (int bits : WIDTHS) {
            try (OrtSession session = session(deliver(AS_THEY_ARE, bits, bits))) {
                Decoding decoding = new Decoding(session, padLeft);
                List<float[][]> whole = decoding.run(samples, 26);
                assertSame(decoding.run(samples, 5), whole);
                List<float[][]> alone = decoding.run(samples.subList(1, 2), 3);
                assertSame(alone, whole.subList(1, 2));
            }
        }
    }

    @Test
    void paddingOnEitherSideChangesNothing() throws Exception {
        try (OrtSession session = session(deliver(AS_THEY_ARE, 4, 2))) {
            assertSame(new Decoding(session, true).run(samples, 26), new Decoding(session, false).run(samples, 26));
        }
    }

    @Test
    void packedCachesAreTheCodecsBitForBit() throws Exception {
        Map<String, float[]> dense = presents(bundle.decoder().orElseThrow().path());
        for (int bits : WIDTHS) {
            Path delivered = deliver(AS_THEY_ARE, bits, bits);
            try (OrtSession session = session(delivered)) {
                Map<String, OnnxTensor> feed = DecoderInputs.of(Sessions.environment(), session, 0).prefill(PaddedBatch.of(unpadded));
                try (OrtSession.Result result = session.run(feed)) {
                    // Layer 0 sees what the stock decoder's layer 0 sees: its keys and values are the stock ones.
                    assertEncoded(result, "present.0.key", dense.get("present.0.key"), factors.get(0), bits);
                    assertEncoded(result, "present.0.value", dense.get("present.0.value"), null, bits);
                }
            }
        }
    }

    @Test
    void weightsStandWhereTheyStoodAndEverythingElseIsUnchanged() throws Exception {
        WeightMatrix changed = bundle.weights().get(3);
        ByteBuffer zeros = ByteBuffer.allocate((int) changed.bytes());
        Path delivered = deliver(weight -> weight.equals(changed) ? Optional.of(zeros) : Optional.empty(), 0, 4).getParent().getParent();
        Bundle read = Bundle.open(delivered);
        assertThat(read.files()).isEqualTo(bundle.files());
        assertThat(read.weights()).isEqualTo(bundle.weights());
        assertThat(read.cacheLayers()).extracting(CacheLayer::value).isEqualTo(bundle.cacheLayers().stream().map(CacheLayer::value).toList());
        assertThat(read.remarks()).contains("The cache of layer 0 stays as it is: it is quantized already.");
        for (WeightMatrix weight : bundle.weights()) {
            assertThat(read.stored(weight)).isEqualTo(weight.equals(changed) ? zeros : bundle.stored(weight));
        }
        for (String file : bundle.files()) {
            if (!file.startsWith("onnx/decoder")) {
                assertThat(delivered.resolve(file)).hasSameBinaryContentAs(bundle.root().resolve(file));
            }
        }
    }

    @Test
    void keysAsTheyAreBesidePackedValuesKeepTheirType() throws Exception {
        try (OrtSession session = session(deliver(AS_THEY_ARE, 0, 3))) {
            assertThat(session.getInputNames()).contains("past_key_values.0.value_scale").doesNotContain("past_key_values.0.key_scale");
            assertThat(session.getInputInfo().get("past_key_values.0.key").getInfo().toString()).contains("FLOAT");
            assertThat(session.getInputInfo().get("past_key_values.0.value").getInfo().toString()).contains("UINT8").contains("6");
        }
    }

    @Test
    void aWidthThatIsNotOfferedIsRefused() {
        assertThatThrownBy(() -> deliver(AS_THEY_ARE, 5, 0)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("5 bits");
    }

    private Path deliver(Function<WeightMatrix, Optional<ByteBuffer>> weights, int keyBits, int valueBits) throws Exception {
        Path target = folder.resolve("k%d-v%d-%d".formatted(keyBits, valueBits, System.nanoTime()));
        new BundleWriter(bundle).write(target, weights, bundle.cacheLayers().stream()
                .map(l -> new DeliveredCache(l.layer(), keyBits, valueBits, factors.get(l.layer()))).toList());
        return target.resolve(bundle.decoder().orElseThrow().name());
    }

    private Map<String, float[]> presents(Path decoder) throws Exception {
        Map<String, float[]> presents = new HashMap<>();
        try (OrtSession session = session(decoder)) {
            Map<String, OnnxTensor> feed = DecoderInputs.of(Sessions.environment(), session, 0).prefill(PaddedBatch.of(unpadded));
            try (OrtSession.Result result = session.run(feed)) {
                for (String name : session.getOutputNames()) {
                    float[] values = new float[((OnnxTensor) result.get(name).orElseThrow()).getFloatBuffer().remaining()];
                    ((OnnxTensor) result.get(name).orElseThrow()).getFloatBuffer().get(values);
                    presents.put(name, values);
                }
            }
        }
        return presents;
    }

    private void assertEncoded(OrtSession.Result result, String name, float[] dense, float[] factor, int bits) {
        CacheLayer layer = bundle.cacheLayers().get(0);
        int channels = layer.headSize();
        int tokens = dense.length / (unpadded.size() * layer.kvHeads() * channels);
        int bytes = BitPacking.packedBytes(channels, bits);
        ByteBuffer packed = ((OnnxTensor) result.get(name).orElseThrow()).getByteBuffer();
        ShortBuffer scales = ((OnnxTensor) result.get(name + "_scale").orElseThrow()).getShortBuffer();
        PortableCodec codec = new PortableCodec(channels, layer.groupSize(), bits);
        for (int row = 0; row < dense.length / channels; row++) {
            float[] x = new float[channels];
            int head = row / tokens % layer.kvHeads();
            for (int c = 0; c < channels; c++) {
                x[c] = factor == null ? dense[row * channels + c] : dense[row * channels + c] / factor[head * channels + c];
            }
            PortableCodec.Encoded encoded = codec.encode(x, 0);
            byte[] expected = new byte[bytes];
            BitPacking.pack(encoded.codes(), bits, expected, 0);
            byte[] actual = new byte[bytes];
            packed.get(row * bytes, actual);
            assertThat(actual).as("%s, %d bits, row %d", name, bits, row).isEqualTo(expected);
            assertThat(scales.get(row * 2)).isEqualTo(Half.bits(encoded.scales()[0]));
            assertThat(scales.get(row * 2 + 1)).isEqualTo(Half.bits(encoded.minima()[0]));
        }
    }

    private static OrtSession session(Path file) throws Exception {
        return Sessions.open(file, 2);
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

    private static void assertSame(List<float[][]> actual, List<float[][]> expected) {
        for (int s = 0; s < expected.size(); s++) {
            for (int t = 0; t < expected.get(s).length; t++) {
                assertThat(distance(actual.get(s)[t], expected.get(s)[t])).as("sample %d token %d", s, t).isLessThan(1e-4);
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
