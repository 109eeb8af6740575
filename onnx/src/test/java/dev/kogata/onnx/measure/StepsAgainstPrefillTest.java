package dev.kogata.onnx.measure;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtSession;
import com.google.protobuf.ByteString;
import dev.kogata.onnx.DemoFolder;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.bundle.CacheLayer;
import dev.kogata.onnx.dataset.Dataset;
import dev.kogata.onnx.dataset.DatasetLimits;
import dev.kogata.onnx.deliver.BundleWriter;
import dev.kogata.onnx.deliver.DeliveredCache;
import dev.kogata.onnx.format.Onnx.ModelProto;
import dev.kogata.onnx.format.Onnx.TensorProto;
import dev.kogata.onnx.format.Onnx.TensorProto.DataType;
import dev.kogata.onnx.graph.Attributes;
import dev.kogata.onnx.graph.GraphEditor;
import dev.kogata.onnx.sample.Sample;
import dev.kogata.onnx.sample.SampleMaker;
import dev.kogata.onnx.score.Sessions;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What verification's comparison of steps with prefill is there for: graphs whose prefill is right, and which go wrong as soon as they go on from
 * a cache. On the packaged model, whose weights are trained: of random ones attention hardly shows.
 */
class StepsAgainstPrefillTest {
    @TempDir static Path folder;
    private static Bundle original;
    private static ModelProto delivered;
    private static Sample sample;

    @BeforeAll
    static void deliver() throws Exception {
        original = Bundle.open(DemoFolder.MODEL);
        List<DeliveredCache> caches = original.cacheLayers().stream().map(l -> new DeliveredCache(l.layer(), 8, 4)).toList();
        new BundleWriter(original).write(folder, weight -> Optional.empty(), caches);
        delivered = ModelProto.parseFrom(Files.readAllBytes(decoder()));
        Dataset dataset = Dataset.read(DemoFolder.DATA, DemoFolder.HELDOUT, DatasetLimits.DEFAULT);
        try (SampleMaker maker = SampleMaker.open(original, 1)) {
            sample = maker.make(dataset, dataset.conversations().get(0));
        }
    }

    private static Path decoder() {
        return folder.resolve(original.decoder().orElseThrow().name());
    }

    /** Runs the check on the delivered decoder with a fault. */
    private static StepsAgainstPrefill with(Consumer<GraphEditor> fault) throws Exception {
        GraphEditor editor = new GraphEditor(delivered);
        fault.accept(editor);
        Path file = decoder().resolveSibling("faulty.onnx");
        try (OutputStream out = Files.newOutputStream(file)) {
            editor.build().writeTo(out);
        }
        try (OrtSession session = Sessions.open(file, 1)) {
            return StepsAgainstPrefill.of(session, original.cacheLayers().get(0).headSize(), sample);
        }
    }

    private static void caught(String fault, StepsAgainstPrefill measured) {
        assertThat(measured.most()).as(fault).isGreaterThan(Measurement.STEP_NOISE);
        assertThat(measured.agree()).as(fault).isFalse();
    }

    @Test
    void whatIsDeliveredPasses() throws Exception {
        StepsAgainstPrefill right = with(editor -> { });
        assertThat(right.agree()).isTrue();
        assertThat(right.most()).isLessThan(Measurement.STEP_NOISE / 2);
    }

    @Test
    void aPastWhoseScaleIsWrongInOneHeadOfOneLayerIsCaught() throws Exception {
        for (int layer : new int[] {0, original.cacheLayers().size() - 1}) {
            CacheLayer cache = original.cacheLayers().get(layer);
            caught("keys of layer " + layer, with(editor -> scaled(editor, cache.key().input() + "_scale", cache.kvHeads(), 1.02)));
            caught("values of layer " + layer, with(editor -> scaled(editor, cache.value().input() + "_scale", cache.kvHeads(), 1.02)));
        }
    }

    @Test
    void aPastThatIsIgnoredInOneLayerIsCaught() throws Exception {
        CacheLayer cache = original.cacheLayers().get(3);
        caught("ignored", with(editor -> {
            for (String side : List.of(cache.key().input(), cache.value().input())) {
                editor.redirect(side + "_scale", editor.node("Sub", "fault", List.of(side + "_scale", side + "_scale")));
            }
        }));
    }

    @Test
    void aPastThatIsLostAtTheLastTokenAloneIsCaught() throws Exception {
        StepsAgainstPrefill measured = with(editor -> {
            String tokens = editor.node("Gather", "fault", List.of(editor.node("Shape", "fault", List.of(original.cacheLayers().get(0).key().input())), editor.longs(2)));
            String kept = editor.node("Cast", "fault", List.of(editor.node("Less", "fault", List.of(tokens, editor.longs(sample.length() - 1)))), Attributes.of("to", DataType.FLOAT16_VALUE));
            for (CacheLayer layer : original.cacheLayers()) {
                for (String side : List.of(layer.key().input(), layer.value().input())) {
                    editor.redirect(side + "_scale", editor.node("Mul", "fault", List.of(side + "_scale", kept)));
                }
            }
        });
        assertThat(measured.most()).as("nine tokens in ten are right").isLessThan(Measurement.STEP_NOISE);
        assertThat(measured.agree()).isFalse();
    }

    @Test
    void aPastThatIsOffByOnePositionIsCaught() throws Exception {
        CacheLayer cache = original.cacheLayers().get(2);
        caught("shifted past", with(editor -> {
            for (String name : List.of(cache.key().input(), cache.key().input() + "_scale")) {
                // The first token's keys stand behind all others.
                String rest = editor.node("Slice", "fault", List.of(name, editor.longs(1), editor.longs(Integer.MAX_VALUE), editor.longs(2)));
                String first = editor.node("Slice", "fault", List.of(name, editor.longs(0), editor.longs(1), editor.longs(2)));
                editor.redirect(name, editor.node("Concat", "fault", List.of(rest, first), Attributes.of("axis", 2)));
            }
        }));
        caught("positions of new tokens", with(editor -> {
            String tokens = editor.node("Gather", "fault", List.of(editor.node("Shape", "fault", List.of(cache.key().input())), editor.longs(2)));
            editor.redirect("position_ids", editor.node("Add", "fault", List.of("position_ids", editor.node("Min", "fault", List.of(tokens, editor.longs(1))))));
        }));
    }

    /** Multiplies the first head's scales and minima of the past. */
    private static void scaled(GraphEditor editor, String name, int heads, double factor) {
        ByteBuffer factors = ByteBuffer.allocate(Float.BYTES * heads).order(ByteOrder.LITTLE_ENDIAN);
        for (int head = 0; head < heads; head++) {
            factors.putFloat((float) (head == 0 ? factor : 1));
        }
        editor.initializer(TensorProto.newBuilder().setName("fault.factors").setDataType(DataType.FLOAT_VALUE).addAllDims(List.of(1L, (long) heads, 1L, 1L))
                .setRawData(ByteString.copyFrom(factors.flip())).build());
        String wide = editor.node("Cast", "fault", List.of(name), Attributes.of("to", DataType.FLOAT_VALUE));
        editor.redirect(name, editor.node("Cast", "fault", List.of(editor.node("Mul", "fault", List.of(wide, "fault.factors"))), Attributes.of("to", DataType.FLOAT16_VALUE)));
    }
}
