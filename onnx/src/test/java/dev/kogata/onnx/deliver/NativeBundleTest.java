package dev.kogata.onnx.deliver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession;
import dev.kogata.core.budget.ElasticPlan;
import dev.kogata.core.budget.WeightStep;
import dev.kogata.core.cache.StaticScale;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.bundle.CacheLayer;
import dev.kogata.onnx.elastic.ElasticGraph;
import dev.kogata.onnx.elastic.ElasticSession;
import dev.kogata.onnx.elastic.RandomSamples;
import dev.kogata.onnx.elastic.StockRun;
import dev.kogata.onnx.graph.NativeScales;
import dev.kogata.onnx.sample.Sample;
import dev.kogata.onnx.score.DecoderInputs;
import dev.kogata.onnx.score.PaddedBatch;
import dev.kogata.onnx.score.Sessions;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Native caches of every layout that converts, in stock ONNX Runtime. */
class NativeBundleTest {
    private static final Path MODELS = Path.of("src/test/resources/models");

    private final List<Sample> samples = RandomSamples.of(5, 64, 19, 26, 7);
    @TempDir
    Path folder;

    static Stream<String> layouts() {
        return Stream.of("nano-optimum", "nano-dynamo", "nano-attention", "nano-float16");
    }

    static Stream<Arguments> layoutsAndWidths() {
        return layouts().flatMap(l -> Stream.of(Arguments.of(l, 8, 8), Arguments.of(l, 4, 4), Arguments.of(l, 8, 4), Arguments.of(l, 0, 4)));
    }

    @ParameterizedTest
    @MethodSource("layoutsAndWidths")
    void whatAPlanMeasuredIsWhatIsDelivered(String layout, int firstBits, int secondBits) throws Exception {
        Bundle bundle = bundle(layout);
        Map<Integer, List<NativeScales>> scales = scales(bundle);
        Path delivered = deliver(bundle, scales, firstBits, secondBits);
        ElasticPlan plan = new ElasticPlan(bundle.weights().stream().map(w -> WeightStep.DENSE).toList(), List.of(firstBits, secondBits), List.of(firstBits, secondBits));
        Set<Integer> natives = firstBits == 0 ? Set.of(1) : Set.of(0, 1);
        Path work = Files.createDirectory(folder.resolve("elastic"));
        try (ElasticSession elastic = ElasticSession.open(ElasticGraph.of(bundle).cacheWidths(Map.of()).nativeCaches(scales).answerLogits().write(work), 2);
             StockRun stock = new StockRun(delivered, bundle.vocabularySize(), bundle.cacheLayers().get(0).headSize())) {
            List<float[]> searched = elastic.with(plan, natives).answerLogits(samples);
            List<float[]> dense = elastic.with(plan(bundle, 0)).answerLogits(samples);
            List<float[]> found = stock.answerLogits(samples);
            for (int s = 0; s < samples.size(); s++) {
                assertThat(distance(found.get(s), searched.get(s))).isLessThan(layout.contains("float16") ? 5e-3 : 2e-5);
                assertThat(distance(found.get(s), dense.get(s))).as("quantizing shows").isGreaterThan(1e-3);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void tokenByTokenGivesTheLogitsOfThePrefillWithPaddingOnTheRight(String layout) throws Exception {
        Bundle bundle = bundle(layout);
        double noise = layout.contains("float16") ? 5e-3 : 2e-5;
        for (int bits : new int[] {8, 4}) {
            try (OrtSession session = Sessions.open(deliver(bundle, scales(bundle), bits, bits), 2)) {
                Decoding decoding = new Decoding(session, false, 16);
                List<float[][]> whole = decoding.run(samples, 26);
                assertSame(decoding.run(samples.subList(1, 2), 3), whole.subList(1, 2), noise);
                // A first pass that is shorter than the shortest sequence: GroupQueryAttention counts what is in each cache.
                assertSame(decoding.run(samples, 5), whole, noise);
            }
        }
    }

    static Stream<String> layoutsWithTheirOwnMask() {
        return layouts();
    }

    @ParameterizedTest
    @MethodSource("layoutsWithTheirOwnMask")
    void inBundlesWithTheirOwnMaskPaddingOnEitherSideChangesNothing(String layout) throws Exception {
        Bundle bundle = bundle(layout);
        try (OrtSession session = Sessions.open(deliver(bundle, scales(bundle), 8, 4), 2)) {
            List<float[][]> right = new Decoding(session, false, 16).run(samples, 26);
            assertSame(new Decoding(session, true, 16).run(samples, 26), right, layout.contains("float16") ? 5e-3 : 2e-5);
            assertSame(new Decoding(session, true, 16).run(samples, 21), right, layout.contains("float16") ? 5e-3 : 2e-5);
        }
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void cachesHoldTheCodesOfTheirScales(String layout) throws Exception {
        Bundle bundle = bundle(layout);
        Map<Integer, List<NativeScales>> scales = scales(bundle);
        Sample sample = samples.get(0);
        Map<String, Object> dense = presents(bundle.decoder().orElseThrow().path(), sample);
        for (int bits : new int[] {8, 4}) {
            Map<String, Object> coded = presents(deliver(bundle, scales, bits, bits), sample);
            // Layer 0 sees what the original's layer 0 sees.
            NativeScales own = scales.get(0).stream().filter(s -> s.bits() == bits).findFirst().orElseThrow();
            assertCodes((float[]) dense.get("present.0.key"), (byte[]) coded.get("present.0.key"), own.key(), bits, sample.length(), layout);
            assertCodes((float[]) dense.get("present.0.value"), (byte[]) coded.get("present.0.value"), own.value(), bits, sample.length(), layout);
        }
    }

    @Test
    void widthsThatTheKernelDoesNotHaveAreRefused() {
        Bundle bundle = bundle("nano-optimum");
        assertThatThrownBy(() -> new NativeScales(6, new float[32], new float[32])).hasMessageContaining("6 bits");
        assertThat(bundle.cacheLayers()).allSatisfy(layer -> assertThat(layer.nativeWidths()).containsExactly(4, 8));
    }

    private static Bundle bundle(String layout) {
        return Bundle.open(MODELS.resolve(layout));
    }

    private static ElasticPlan plan(Bundle bundle, int bits) {
        return new ElasticPlan(bundle.weights().stream().map(w -> WeightStep.DENSE).toList(), List.of(bits, bits), List.of(bits, bits));
    }

    /** Of each layer one version for 8 and one for 4 bits, different in every channel; small enough to clip a few values. */
    private static Map<Integer, List<NativeScales>> scales(Bundle bundle) {
        Map<Integer, List<NativeScales>> scales = new HashMap<>();
        SplittableRandom random = new SplittableRandom(3);
        for (CacheLayer layer : bundle.cacheLayers()) {
            List<NativeScales> versions = new ArrayList<>();
            for (int bits : new int[] {8, 4}) {
                versions.add(new NativeScales(bits, thresholds(random, layer, bits), thresholds(random, layer, bits)));
            }
            scales.put(layer.layer(), versions);
        }
        return scales;
    }

    private static float[] thresholds(SplittableRandom random, CacheLayer layer, int bits) {
        float[] scales = new float[layer.kvHeads() * layer.headSize()];
        for (int c = 0; c < scales.length; c++) {
            scales[c] = (float) ((0.1 + 0.3 * random.nextDouble()) / (bits == 8 ? 127 : 7));
        }
        return scales;
    }

    private Path deliver(Bundle bundle, Map<Integer, List<NativeScales>> scales, int... bits) throws Exception {
        Path out = Files.createTempDirectory(folder, "delivered");
        List<DeliveredCache> caches = new ArrayList<>();
        for (CacheLayer layer : bundle.cacheLayers()) {
            int wanted = bits[caches.size()];
            caches.add(scales.get(layer.layer()).stream().filter(s -> s.bits() == wanted).findFirst().map(s -> new DeliveredCache(layer.layer(), s))
                    .orElse(new DeliveredCache(layer.layer(), 0, 0)));
        }
        new BundleWriter(bundle).write(out, weight -> Optional.<ByteBuffer>empty(), caches);
        return out.resolve(bundle.decoder().orElseThrow().name());
    }

    private static Map<String, Object> presents(Path decoder, Sample sample) throws Exception {
        Map<String, Object> found = new HashMap<>();
        try (OrtSession session = Sessions.open(decoder, 1)) {
            Map<String, OnnxTensor> feed = DecoderInputs.of(Sessions.environment(), session, 16).prefill(PaddedBatch.of(List.of(sample)));
            try (OrtSession.Result result = session.run(feed)) {
                for (String name : new HashSet<>(session.getOutputNames())) {
                    OnnxTensor tensor = (OnnxTensor) result.get(name).orElseThrow();
                    if (tensor.getByteBuffer() != null && name.startsWith("present")) {
                        if (tensor.getInfo().type.size == 1) {
                            byte[] codes = new byte[tensor.getByteBuffer().remaining()];
                            tensor.getByteBuffer().get(codes);
                            found.put(name, codes);
                        } else {
                            float[] values = new float[(int) tensor.getInfo().getNumElements()];
                            tensor.getFloatBuffer().get(values);
                            found.put(name, values);
                        }
                    }
                }
            }
            feed.values().forEach(OnnxTensor::close);
        }
        return found;
    }

    /** Codes of [heads, tokens, channels]; a few may be off by one where the two graphs' noise lies on either side of a middle. */
    private static void assertCodes(float[] dense, byte[] coded, float[] scales, int bits, int tokens, String layout) {
        int channels = 16, off = 0;
        for (int i = 0; i < dense.length; i++) {
            int channel = i / (tokens * channels) * channels + i % channels;
            int expected = StaticScale.code(dense[i], scales[channel], bits);
            int found = bits == 8 ? coded[i] : (coded[i / 2] >> 4 * (i % 2) & 15) - 8;
            assertThat(Math.abs(found - expected)).as("%s, value %d", layout, i).isLessThanOrEqualTo(1);
            off += found == expected ? 0 : 1;
        }
        assertThat(off).isLessThanOrEqualTo(layout.contains("float16") ? dense.length / 50 : 2);
    }

    private static double distance(float[] a, float[] b) {
        double largest = 0, off = 0;
        for (int i = 0; i < a.length; i++) {
            largest = Math.max(largest, Math.abs(b[i]));
            off = Math.max(off, Math.abs(a[i] - b[i]));
        }
        return off / largest;
    }

    private static void assertSame(List<float[][]> found, List<float[][]> expected, double noise) {
        for (int s = 0; s < found.size(); s++) {
            for (int p = 0; p < found.get(s).length; p++) {
                assertThat(distance(found.get(s)[p], expected.get(s)[p])).as("sample %d, token %d", s, p).isLessThan(noise);
            }
        }
    }
}
