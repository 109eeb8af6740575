package dev.kogata.onnx.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import dev.kogata.onnx.format.Onnx.GraphProto;
import dev.kogata.onnx.format.Onnx.ModelProto;
import dev.kogata.onnx.format.Onnx.NodeProto;
import dev.kogata.onnx.format.Onnx.OperatorSetIdProto;
import dev.kogata.onnx.format.Onnx.TensorProto.DataType;
import dev.kogata.onnx.score.Sessions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code ai.onnx Attention} with its cache inside against the same with the cache before it. */
class DetachedCacheTest {
    private static final int HEADS = 4, KV_HEADS = 2, SIZE = 8, BATCH = 2;

    private final OrtEnvironment environment = Sessions.environment();
    private final Random random = new Random(3);
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"false,false,", "true,false,", "false,true,", "true,true,", "false,false,FLOAT", "true,true,FLOAT", "false,true,BOOL", "true,false,BOOL"})
    void theSameInAPrefillAndInStepsAfterIt(boolean headsLast, boolean causal, DataType mask) throws Exception {
        ModelProto model = model(headsLast, causal, mask);
        PlainCaches.Layer layer = new PlainCaches.Layer("past_key_values.0.key", "present.0.key", "past_key_values.0.value", "present.0.value", SIZE);
        assertThat(PlainCaches.obstacle(new GraphView(model.getGraph()), layer)).isEmpty();
        ModelProto plain = PlainCaches.of(model, List.of(layer));
        assertThat(CacheConcat.find(new GraphView(plain.getGraph()), layer.pastKey(), layer.presentKey())).isPresent();
        try (OrtSession stock = session(model, "stock"); OrtSession own = session(plain, "plain")) {
            float[][] past = {new float[0], new float[0]};
            int tokens = 0;
            for (int fresh : new int[] {5, 1, 3}) {
                Map<String, float[]> inputs = new LinkedHashMap<>();
                inputs.put("query", gaussian(BATCH * fresh * HEADS * SIZE));
                inputs.put("key", gaussian(BATCH * fresh * KV_HEADS * SIZE));
                inputs.put("value", gaussian(BATCH * fresh * KV_HEADS * SIZE));
                float[] bias = gaussian(fresh * (tokens + fresh));
                float[][] expected = run(stock, inputs, past, headsLast, mask, bias, fresh, tokens);
                float[][] actual = run(own, inputs, past, headsLast, mask, bias, fresh, tokens);
                for (int i = 0; i < 3; i++) {
                    assertThat(actual[i]).as("output %d of %d tokens after %d", i, fresh, tokens).containsExactly(expected[i], within(1e-5f));
                }
                past = new float[][] {expected[1], expected[2]};
                tokens += fresh;
            }
        }
    }

    private float[][] run(OrtSession session, Map<String, float[]> inputs, float[][] past, boolean headsLast, DataType mask, float[] bias, int fresh, int tokens) throws Exception {
        Map<String, OnnxTensor> feed = new LinkedHashMap<>();
        for (Map.Entry<String, float[]> input : inputs.entrySet()) {
            long heads = input.getKey().equals("query") ? HEADS : KV_HEADS;
            feed.put(input.getKey(), OnnxTensor.createTensor(environment, FloatBuffer.wrap(input.getValue()),
                    headsLast ? new long[] {BATCH, fresh, heads * SIZE} : new long[] {BATCH, heads, fresh, SIZE}));
        }
        for (int side = 0; side < 2; side++) {
            FloatBuffer values = ByteBuffer.allocateDirect(4 * past[side].length).order(ByteOrder.nativeOrder()).asFloatBuffer().put(past[side]).flip();
            feed.put("past_key_values.0." + (side == 0 ? "key" : "value"), OnnxTensor.createTensor(environment, values, new long[] {BATCH, KV_HEADS, tokens, SIZE}));
        }
        if (mask == DataType.FLOAT) {
            feed.put("mask", OnnxTensor.createTensor(environment, FloatBuffer.wrap(bias), new long[] {fresh, tokens + fresh}));
        } else if (mask == DataType.BOOL) {
            boolean[][] seen = new boolean[fresh][tokens + fresh];
            for (int i = 0; i < fresh; i++) {
                for (int j = 0; j < tokens + fresh; j++) {
                    seen[i][j] = j == 0 || bias[i * (tokens + fresh) + j] > 0;
                }
            }
            feed.put("mask", OnnxTensor.createTensor(environment, seen));
        }
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

    private static ModelProto model(boolean headsLast, boolean causal, DataType mask) {
        GraphProto.Builder graph = GraphProto.newBuilder().setName("attention");
        for (String input : List.of("query", "key", "value")) {
            int heads = input.equals("query") ? HEADS : KV_HEADS;
            graph.addInput(headsLast ? ValueInfos.tensor(input, DataType.FLOAT, "batch", "new", heads * SIZE) : ValueInfos.tensor(input, DataType.FLOAT, "batch", heads, "new", SIZE));
        }
        graph.addInput(ValueInfos.tensor("past_key_values.0.key", DataType.FLOAT, "batch", KV_HEADS, "past", SIZE))
                .addInput(ValueInfos.tensor("past_key_values.0.value", DataType.FLOAT, "batch", KV_HEADS, "past", SIZE));
        if (mask != null) {
            graph.addInput(ValueInfos.tensor("mask", mask, "new", "all"));
        }
        graph.addOutput(headsLast ? ValueInfos.tensor("logits", DataType.FLOAT, "batch", "new", HEADS * SIZE) : ValueInfos.tensor("logits", DataType.FLOAT, "batch", HEADS, "new", SIZE))
                .addOutput(ValueInfos.tensor("present.0.key", DataType.FLOAT, "batch", KV_HEADS, "all", SIZE))
                .addOutput(ValueInfos.tensor("present.0.value", DataType.FLOAT, "batch", KV_HEADS, "all", SIZE));
        NodeProto.Builder node = NodeProto.newBuilder().setOpType("Attention").setName("attention")
                .addAllInput(List.of("query", "key", "value", mask == null ? "" : "mask", "past_key_values.0.key", "past_key_values.0.value"))
                .addAllOutput(List.of("logits", "present.0.key", "present.0.value")).addAttribute(Attributes.of("is_causal", causal ? 1 : 0));
        if (headsLast) {
            node.addAttribute(Attributes.of("q_num_heads", HEADS)).addAttribute(Attributes.of("kv_num_heads", KV_HEADS));
        }
        return ModelProto.newBuilder().setIrVersion(10).setGraph(graph.addNode(node)).addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(23)).build();
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
