package dev.kogata.onnx.elastic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession;
import dev.kogata.core.budget.ElasticPlan;
import dev.kogata.core.budget.WeightStep;
import dev.kogata.core.cache.BitPacking;
import dev.kogata.core.cache.Half;
import dev.kogata.core.cache.PortableCodec;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.bundle.CacheLayer;
import dev.kogata.onnx.bundle.CacheTensor;
import dev.kogata.onnx.format.Onnx.ModelProto;
import dev.kogata.onnx.graph.GraphEditor;
import dev.kogata.onnx.graph.PortableCache;
import dev.kogata.onnx.sample.Sample;
import dev.kogata.onnx.score.DecoderInputs;
import dev.kogata.onnx.score.PaddedBatch;
import dev.kogata.onnx.score.Sessions;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Heads of several groups, as models with 64 or 128 channels have them; here the small model's 16 in two groups of 8. */
class GroupsOfChannelsTest {
    private static final int GROUP = 8;

    private final Bundle bundle = Bundle.open(Path.of("src/test/resources/models/nano-optimum"));
    private final List<Sample> samples = RandomSamples.of(7, 64, 17, 17);
    @TempDir
    Path folder;

    @BeforeEach
    void copyTheData() throws Exception {
        Path data = bundle.decoder().orElseThrow().path().resolveSibling("decoder_model_merged.onnx_data");
        Files.copy(data, folder.resolve(data.getFileName()));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 6, 8})
    void everyGroupHasItsOwnScaleAndMinimum(int bits) throws Exception {
        try (OrtSession stock = session(bundle.decoder().orElseThrow().path()); OrtSession packed = session(portable(bits))) {
            try (OrtSession.Result dense = run(stock); OrtSession.Result result = run(packed)) {
                FloatBuffer values = tensor(dense, "present.0.value").getFloatBuffer();
                ByteBuffer bytes = tensor(result, "present.0.value").getByteBuffer();
                ShortBuffer scales = tensor(result, "present.0.value_scale").getShortBuffer();
                PortableCodec codec = new PortableCodec(16, GROUP, bits);
                for (int row = 0; row < values.capacity() / 16; row++) {
                    float[] x = new float[16];
                    values.get(row * 16, x);
                    PortableCodec.Encoded encoded = codec.encode(x, 0);
                    byte[] expected = new byte[BitPacking.packedBytes(16, bits)];
                    BitPacking.pack(encoded.codes(), bits, expected, 0);
                    byte[] actual = new byte[expected.length];
                    bytes.get(row * expected.length, actual);
                    assertThat(actual).isEqualTo(expected);
                    for (int g = 0; g < 2; g++) {
                        assertThat(scales.get(row * 4 + g)).isEqualTo(Half.bits(encoded.scales()[g]));
                        assertThat(scales.get(row * 4 + 2 + g)).isEqualTo(Half.bits(encoded.minima()[g]));
                    }
                }
            }
        }
    }

    @Test
    void theElasticGraphDoesTheSame() throws Exception {
        GraphEditor editor = new GraphEditor(bundle.decoder().orElseThrow().model());
        List<CacheLayer> layers = bundle.cacheLayers().stream().map(l -> new CacheLayer(l.layer(), l.kvHeads(), l.headSize(), l.valueBytes(), GROUP, l.widths(), l.nativeObstacle(), l.key(), l.value())).toList();
        new ElasticCaches(editor).add(layers, Map.of(), Map.of());
        editor.keepOutputs(Set.of(new AnswerLogits(editor, bundle).add()));
        ElasticModel model = new ElasticModel(write(editor.buildNeeded(), "elastic.onnx"), bundle.decoder().orElseThrow().name(), ElasticModel.Form.LEVEL_MAP, 0, List.of(), bundle.weights(), layers, true, Map.of(), true,
                bundle.vocabularySize(), 16, Map.of(), Map.of(), Map.of());
        try (ElasticSession elastic = ElasticSession.open(model, 1); StockRun portable = new StockRun(portable(3), bundle.vocabularySize())) {
            ElasticPlan plan = new ElasticPlan(bundle.weights().stream().map(w -> WeightStep.DENSE).toList(), List.of(3, 3), List.of(3, 3));
            List<float[]> searched = elastic.with(plan).answerLogits(samples);
            List<float[]> delivered = portable.answerLogits(samples);
            for (int s = 0; s < samples.size(); s++) {
                assertThat(searched.get(s)).containsExactly(delivered.get(s), within(1e-5f));
            }
        }
    }

    private Path portable(int bits) throws Exception {
        GraphEditor editor = new GraphEditor(bundle.decoder().orElseThrow().model());
        for (CacheLayer layer : bundle.cacheLayers()) {
            for (CacheTensor side : List.of(layer.key(), layer.value())) {
                new PortableCache(editor, side.input(), side.output(), 16, GROUP, bits).rewrite(Optional.empty(), layer.kvHeads());
            }
        }
        return write(editor.build(), "portable.onnx");
    }

    private Path write(ModelProto model, String name) throws Exception {
        return Files.write(folder.resolve(name), model.toByteArray());
    }

    private OrtSession.Result run(OrtSession session) throws Exception {
        return session.run(DecoderInputs.of(Sessions.environment(), session, 0).prefill(PaddedBatch.of(samples)));
    }

    private static OnnxTensor tensor(OrtSession.Result result, String name) {
        return (OnnxTensor) result.get(name).orElseThrow();
    }

    private static OrtSession session(Path file) throws Exception {
        return Sessions.open(file, 2);
    }
}
