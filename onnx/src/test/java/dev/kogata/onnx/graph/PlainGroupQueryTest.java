package dev.kogata.onnx.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import com.google.protobuf.ByteString;
import dev.kogata.onnx.format.Onnx.AttributeProto;
import dev.kogata.onnx.format.Onnx.GraphProto;
import dev.kogata.onnx.format.Onnx.ModelProto;
import dev.kogata.onnx.format.Onnx.NodeProto;
import dev.kogata.onnx.format.Onnx.OperatorSetIdProto;
import dev.kogata.onnx.format.Onnx.TensorProto;
import dev.kogata.onnx.format.Onnx.TensorProto.DataType;
import dev.kogata.onnx.score.Sessions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What ordinary operators compute against ONNX Runtime's own GroupQueryAttention, over whatever its attributes ask for. */
class PlainGroupQueryTest {
    private static final int KV_HEADS = 2, SIZE = 32, POSITIONS = 64;

    private final OrtEnvironment environment = Sessions.environment();
    private final Random random = new Random(3);
    @TempDir
    Path folder;

    /** One case: heads of the query, rotated channels (0 for none), neighbours as pairs, packed, window, softcap, scale (0: by head size), opset. */
    @ParameterizedTest
    @CsvSource({"4,32,false,true,-1,0,0,21", "4,32,true,true,-1,0,0.3,21", "2,16,false,false,-1,0,0,17", "6,16,true,false,4,0,0,14", "8,0,false,true,3,5,0,23", "4,32,false,false,-1,20,1,18"})
    void theSameLogitsInAPrefillAndInEveryStepAfterIt(int heads, int rotated, boolean neighbours, boolean packed, long window, float softcap, float scale, int opset) throws Exception {
        ModelProto model = model(heads, rotated, neighbours, packed, window, softcap, scale, opset);
        PlainCaches.Layer layer = new PlainCaches.Layer("past_key_values.0.key", "present.0.key", "past_key_values.0.value", "present.0.value", SIZE);
        assertThat(PlainCaches.obstacle(new GraphView(model.getGraph()), layer)).isEmpty();
        ModelProto plain = PlainCaches.of(model, List.of(layer));
        assertThat(plain.getGraph().getNodeList()).extracting(NodeProto::getDomain).containsOnly("");
        int width = heads * SIZE + (packed ? 2 * KV_HEADS * SIZE : 0);
        int[] lengths = {5, 3};     // the second sequence is padded on the right
        try (OrtSession stock = session(model, "stock"); OrtSession own = session(plain, "plain")) {
            Map<String, float[]> caches = Map.of("key", new float[0], "value", new float[0]);
            Map<String, float[]> ownCaches = caches;
            int past = 0;
            for (int step = 0; step < 4; step++) {
                int tokens = step == 0 ? 5 : 1;
                Map<String, float[]> inputs = new LinkedHashMap<>();
                inputs.put("query", gaussian(2 * tokens * width));
                if (!packed) {
                    inputs.put("key", gaussian(2 * tokens * KV_HEADS * SIZE));
                    inputs.put("value", gaussian(2 * tokens * KV_HEADS * SIZE));
                }
                int[] counts = {lengths[0] + step - 1, lengths[1] + step - 1};
                float[][] expected = run(stock, inputs, caches, tokens, past, counts, 5 + step);
                float[][] actual = run(own, inputs, ownCaches, tokens, past, counts, 5 + step);
                past = 5 + step;
                for (int b = 0; b < 2; b++) {
                    int real = step == 0 ? lengths[b] : 1;
                    for (int i = b * tokens * heads * SIZE; i < (b * tokens + real) * heads * SIZE; i++) {
                        assertThat(actual[0][i]).as("step %d, sequence %d, value %d", step, b, i).isCloseTo(expected[0][i], within(2e-5f));
                    }
                    for (int side = 1; side <= 2; side++) {
                        for (int h = 0; h < KV_HEADS; h++) {
                            for (int i = 0; i < (lengths[b] + step) * SIZE; i++) {
                                int at = (b * KV_HEADS + h) * past * SIZE + i;
                                assertThat(actual[side][at]).isCloseTo(expected[side][at], within(1e-5f));
                            }
                        }
                    }
                }
                caches = Map.of("key", expected[1], "value", expected[2]);
                ownCaches = Map.of("key", actual[1], "value", actual[2]);
            }
        }
    }

    private float[][] run(OrtSession session, Map<String, float[]> inputs, Map<String, float[]> caches, int tokens, int past, int[] counts, int total) throws Exception {
        Map<String, OnnxTensor> feed = new LinkedHashMap<>();
        for (Map.Entry<String, float[]> input : inputs.entrySet()) {
            feed.put(input.getKey(), OnnxTensor.createTensor(environment, FloatBuffer.wrap(input.getValue()), new long[] {2, tokens, input.getValue().length / 2 / tokens}));
        }
        for (String side : List.of("key", "value")) {
            FloatBuffer values = ByteBuffer.allocateDirect(4 * caches.get(side).length).order(ByteOrder.nativeOrder()).asFloatBuffer().put(caches.get(side)).flip();
            feed.put("past_key_values.0." + side, OnnxTensor.createTensor(environment, values, new long[] {2, KV_HEADS, past, SIZE}));
        }
        feed.put("lengths", OnnxTensor.createTensor(environment, IntBuffer.wrap(counts), new long[] {2}));
        feed.put("total", OnnxTensor.createTensor(environment, IntBuffer.wrap(new int[] {total}), new long[] {}));
        try (OrtSession.Result result = session.run(feed)) {
            float[][] outputs = new float[3][];
            for (int i = 0; i < 3; i++) {
                FloatBuffer values = ((OnnxTensor) result.get(i)).getFloatBuffer();
                outputs[i] = new float[values.remaining()];
                values.get(outputs[i]);
            }
            return outputs;
        } finally {
            feed.values().forEach(OnnxTensor::close);
        }
    }

    private ModelProto model(int heads, int rotated, boolean neighbours, boolean packed, long window, float softcap, float scale, int opset) {
        GraphProto.Builder graph = GraphProto.newBuilder().setName("attention");
        graph.addInput(ValueInfos.tensor("query", DataType.FLOAT, "batch", "new", heads * SIZE + (packed ? 2 * KV_HEADS * SIZE : 0)));
        if (!packed) {
            graph.addInput(ValueInfos.tensor("key", DataType.FLOAT, "batch", "new", KV_HEADS * SIZE)).addInput(ValueInfos.tensor("value", DataType.FLOAT, "batch", "new", KV_HEADS * SIZE));
        }
        graph.addInput(ValueInfos.tensor("past_key_values.0.key", DataType.FLOAT, "batch", KV_HEADS, "past", SIZE))
                .addInput(ValueInfos.tensor("past_key_values.0.value", DataType.FLOAT, "batch", KV_HEADS, "past", SIZE))
                .addInput(ValueInfos.tensor("lengths", DataType.INT32, "batch")).addInput(ValueInfos.tensor("total", DataType.INT32));
        graph.addOutput(ValueInfos.tensor("logits", DataType.FLOAT, "batch", "new", heads * SIZE))
                .addOutput(ValueInfos.tensor("present.0.key", DataType.FLOAT, "batch", KV_HEADS, "all", SIZE))
                .addOutput(ValueInfos.tensor("present.0.value", DataType.FLOAT, "batch", KV_HEADS, "all", SIZE));
        List<String> reads = new ArrayList<>(List.of("query", packed ? "" : "key", packed ? "" : "value", "past_key_values.0.key", "past_key_values.0.value", "lengths", "total"));
        if (rotated > 0) {
            graph.addInitializer(table("cos_cache", rotated / 2, true)).addInitializer(table("sin_cache", rotated / 2, false));
            reads.addAll(List.of("cos_cache", "sin_cache"));
        }
        NodeProto.Builder node = NodeProto.newBuilder().setOpType("GroupQueryAttention").setDomain("com.microsoft").setName("attention").addAllInput(reads)
                .addAllOutput(List.of("logits", "present.0.key", "present.0.value")).addAttribute(Attributes.of("num_heads", heads)).addAttribute(Attributes.of("kv_num_heads", KV_HEADS))
                .addAttribute(Attributes.of("local_window_size", window)).addAttribute(Attributes.of("do_rotary", rotated > 0 ? 1 : 0)).addAttribute(Attributes.of("rotary_interleaved", neighbours ? 1 : 0));
        node.addAttribute(decimal("softcap", softcap)).addAttribute(decimal("scale", scale));
        return ModelProto.newBuilder().setIrVersion(10).setGraph(graph.addNode(node)).addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(opset))
                .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("com.microsoft").setVersion(1)).build();
    }

    private static AttributeProto decimal(String name, float value) {
        return AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.FLOAT).setF(value).build();
    }

    private static TensorProto table(String name, int pairs, boolean cosine) {
        ByteBuffer values = ByteBuffer.allocate(4 * POSITIONS * pairs).order(ByteOrder.LITTLE_ENDIAN);
        for (int p = 0; p < POSITIONS; p++) {
            for (int i = 0; i < pairs; i++) {
                double angle = p / Math.pow(100, (double) i / pairs);
                values.putFloat((float) (cosine ? Math.cos(angle) : Math.sin(angle)));
            }
        }
        return TensorProto.newBuilder().setName(name).setDataType(DataType.FLOAT_VALUE).addDims(POSITIONS).addDims(pairs).setRawData(ByteString.copyFrom(values.flip())).build();
    }

    private float[] gaussian(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private OrtSession session(ModelProto model, String name) throws Exception {
        return Sessions.open(Files.write(folder.resolve(name + ".onnx"), model.toByteArray()), 1);
    }
}
