package dev.kogata.onnx.deliver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OrtSession;
import com.google.protobuf.ByteString;
import dev.kogata.core.budget.ElasticPlan;
import dev.kogata.core.budget.WeightStep;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.bundle.UntouchedTensor;
import dev.kogata.onnx.bundle.WeightMatrix;
import dev.kogata.onnx.elastic.ElasticGraph;
import dev.kogata.onnx.elastic.ElasticSession;
import dev.kogata.onnx.elastic.RandomSamples;
import dev.kogata.onnx.elastic.StockRun;
import dev.kogata.onnx.format.Onnx.GraphProto;
import dev.kogata.onnx.format.Onnx.ModelProto;
import dev.kogata.onnx.format.Onnx.NodeProto;
import dev.kogata.onnx.format.Onnx.TensorProto;
import dev.kogata.onnx.format.Onnx.TensorProto.DataType;
import dev.kogata.onnx.graph.Attributes;
import dev.kogata.onnx.graph.NativeScales;
import dev.kogata.onnx.graph.ValueInfos;
import dev.kogata.onnx.sample.Sample;
import dev.kogata.onnx.score.Sessions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Decoders as other families have them: Gemm with biases, token ids as input, weights that are quantized already, a bent and biased output head. */
class OtherDecodersTest {
    private final Bundle plain = Bundle.open(Path.of("src/test/resources/models/nano-optimum"));
    private final GraphProto.Builder graph = plain.decoder().orElseThrow().model().getGraph().toBuilder();
    private final List<Sample> samples = RandomSamples.of(5, 64, 19, 26);
    @TempDir
    Path folder;

    @BeforeEach
    void copyTheData() throws Exception {
        Path data = plain.decoder().orElseThrow().path().resolveSibling("decoder_model_merged.onnx_data");
        Files.copy(data, Files.createDirectory(folder.resolve("bundle")).resolve(data.getFileName()));
    }

    @Test
    void gemmsWithTransposedWeightsAndBiases() throws Exception {
        List<NodeProto> nodes = new ArrayList<>();
        for (NodeProto node : graph.getNodeList()) {
            Optional<WeightMatrix> weight = plain.weights().stream().filter(w -> node.getInputList().contains(w.name())).findFirst();
            if (weight.isEmpty()) {
                nodes.add(node);
                continue;
            }
            WeightMatrix w = weight.get();
            String name = node.getName();
            replace(w.name(), floats(w.name(), plain.read(w).values(), w.outputs(), w.inputs()));
            graph.addInitializer(floats(name + ".bias", new float[w.outputs()], w.outputs())).addInitializer(longs(name + ".flat", -1, w.inputs()))
                    .addInitializer(longs(name + ".0", 0)).addInitializer(longs(name + ".2", 2)).addInitializer(longs(name + ".out", w.outputs()));
            nodes.add(node("Reshape", name + "/a", List.of(node.getInput(0), name + ".flat")));
            nodes.add(node("Gemm", name + "/b", List.of(name + "/a", w.name(), name + ".bias")).toBuilder().setName(name.replace("MatMul", "Gemm")).addAttribute(Attributes.of("transB", 1)).build());
            nodes.add(node("Shape", name + "/c", List.of(node.getInput(0))));
            nodes.add(node("Slice", name + "/d", List.of(name + "/c", name + ".0", name + ".2")));
            nodes.add(node("Concat", name + "/e", List.of(name + "/d", name + ".out")).toBuilder().addAttribute(Attributes.of("axis", 0)).build());
            nodes.add(node("Reshape", node.getOutput(0), List.of(name + "/b", name + "/e")));
        }
        graph.clearNode().addAllNode(nodes);
        Bundle bundle = open();
        assertThat(bundle.weights()).hasSameSizeAs(plain.weights());
        assertThat(bundle.weights()).allSatisfy(w -> assertThat(w.outputLast()).isFalse());
        assertThat(bundle.weights()).extracting(WeightMatrix::role).isEqualTo(plain.weights().stream().map(WeightMatrix::role).toList());
        assertThat(bundle.read(bundle.weights().get(5)).values()).isEqualTo(plain.read(plain.weights().get(5)).values());
        assertServed(bundle, samples);
    }

    @Test
    void tokenIdsAsInputAndNoVisionPart() throws Exception {
        graph.addInitializer(floats("embed_tokens.weight", gaussian(100 * 64), 100, 64));
        graph.addNode(0, node("Gather", "inputs_embeds", List.of("embed_tokens.weight", "input_ids")));
        for (int i = 0; i < graph.getInputCount(); i++) {
            if (graph.getInput(i).getName().equals("inputs_embeds")) {
                graph.setInput(i, ValueInfos.tensor("input_ids", DataType.INT64, "batch_size", "sequence_length"));
            }
        }
        Bundle bundle = open();
        assertThat(bundle.hiddenSize()).isZero();
        assertThat(bundle.weights()).extracting(WeightMatrix::name).isEqualTo(plain.weights().stream().map(WeightMatrix::name).toList());
        assertThat(bundle.untouched()).anySatisfy(t -> assertThat(t.why()).isEqualTo("embedding table"));
        assertThat(bundle.remarks()).containsExactly("The bundle has no vision encoder: it is compressed on text alone.");
        assertServed(bundle, samples.stream().map(s -> new Sample(s.id(), tokens(s.length()), FloatBuffer.allocate(0), 0, s.answerPositions(), s.answerTokens(), s.answerTurns(),
                s.tags(), s.questions(), s.answers(), false)).toList());
    }

    @Test
    void whatIsQuantizedAlreadyStaysAsItIs() throws Exception {
        WeightMatrix quantized = plain.weights().get(6);
        byte[] codes = new byte[quantized.rows() * quantized.columns()];
        for (int i = 0; i < codes.length; i++) {
            codes[i] = (byte) (i * 37 % 200 - 100);
        }
        replace(quantized.name(), TensorProto.newBuilder().setName("codes").setDataType(DataType.INT8_VALUE).addDims(quantized.rows()).addDims(quantized.columns())
                .setRawData(ByteString.copyFrom(codes)).build());
        graph.addInitializer(floats("codes_scale", new float[] {0.002f}));
        graph.addNode(0, node("DequantizeLinear", quantized.name(), List.of("codes", "codes_scale")));
        Bundle bundle = open();
        assertThat(bundle.weights()).hasSize(plain.weights().size() - 1).extracting(WeightMatrix::name).doesNotContain(quantized.name());
        assertThat(bundle.untouched()).filteredOn(t -> t.name().equals("codes")).extracting(UntouchedTensor::why).containsExactly("is quantized already");
        assertThat(bundle.remarks()).anySatisfy(r -> assertThat(r).contains("quantized already"));
        Bundle delivered = Bundle.open(assertServed(bundle, samples).getParent());
        assertThat(delivered.decoder().orElseThrow().model().getGraph().getInitializerList()).filteredOn(t -> t.getName().equals("codes"))
                .extracting(t -> t.getRawData().toByteArray()).containsExactly(codes);
    }

    @Test
    void anOutputHeadIsNoWeightOfABlockWhateverFollowsIt() throws Exception {
        graph.addInitializer(floats("head.bias", gaussian(plain.vocabularySize()), plain.vocabularySize())).addInitializer(floats("cap", new float[] {30}));
        List<NodeProto> nodes = new ArrayList<>(graph.getNodeList().stream().map(n -> n.getOutputList().contains("logits") ? n.toBuilder().setOutput(0, "raw").build() : n)
                .map(n -> n.toBuilder().setName("").build()).toList());
        nodes.add(node("Add", "biased", List.of("raw", "head.bias")));
        nodes.add(node("Div", "small", List.of("biased", "cap")));
        nodes.add(node("Tanh", "bent", List.of("small")));
        nodes.add(node("Mul", "logits", List.of("bent", "cap")));
        graph.clearNode().addAllNode(nodes);
        Bundle bundle = open();
        assertThat(bundle.weights()).extracting(WeightMatrix::name).isEqualTo(plain.weights().stream().map(WeightMatrix::name).toList());
        assertThat(bundle.weights()).extracting(WeightMatrix::layer).isEqualTo(plain.weights().stream().map(WeightMatrix::layer).toList());
        assertServed(bundle, samples);
    }

    /** What a trial computes is what is delivered, and decoding step by step is the prefill; returns the delivered decoder. */
    private Path assertServed(Bundle bundle, List<Sample> all) throws Exception {
        Path target = folder.resolve("delivered");
        new BundleWriter(bundle).write(target, w -> Optional.empty(), bundle.cacheLayers().stream().map(l -> new DeliveredCache(l.layer(), 4, 3)).toList());
        Path decoder = target.resolve(bundle.decoder().orElseThrow().name());
        ElasticPlan plan = new ElasticPlan(bundle.weights().stream().map(w -> WeightStep.DENSE).toList(), List.of(4, 4), List.of(3, 3));
        Path work = Files.createDirectory(folder.resolve("work"));
        try (ElasticSession elastic = ElasticSession.open(ElasticGraph.of(bundle).cacheWidths(Map.of()).inputNorms(l -> true).answerLogits().write(work), 1);
             StockRun stock = new StockRun(decoder, bundle.vocabularySize())) {
            List<float[]> searched = elastic.with(plan).answerLogits(all);
            List<float[]> found = stock.answerLogits(all);
            for (int s = 0; s < all.size(); s++) {
                assertThat(found.get(s)).containsExactly(searched.get(s), within(1e-5f));
            }
        }
        try (OrtSession session = Sessions.open(decoder, 1)) {
            List<float[][]> whole = new Decoding(session, true).run(all, 26), steps = new Decoding(session, true).run(all, 11);
            for (int s = 0; s < all.size(); s++) {
                for (int t = 0; t < whole.get(s).length; t++) {
                    assertThat(steps.get(s)[t]).containsExactly(whole.get(s)[t], within(1e-4f));
                }
            }
        }
        assertServedNatively(bundle, all);
        return decoder;
    }

    private void assertServedNatively(Bundle bundle, List<Sample> all) throws Exception {
        float[] scales = new float[32];
        Arrays.fill(scales, 0.05f);
        NativeScales eight = new NativeScales(8, scales, scales);
        Map<Integer, List<NativeScales>> natives = Map.of(0, List.of(eight), 1, List.of(eight));
        Path target = Files.createTempDirectory(folder, "native"), work = Files.createTempDirectory(folder, "work");
        new BundleWriter(bundle).write(target, w -> Optional.empty(), bundle.cacheLayers().stream().map(l -> new DeliveredCache(l.layer(), eight)).toList());
        ElasticPlan plan = new ElasticPlan(bundle.weights().stream().map(w -> WeightStep.DENSE).toList(), List.of(8, 8), List.of(8, 8));
        try (ElasticSession elastic = ElasticSession.open(ElasticGraph.of(bundle).cacheWidths(Map.of()).nativeCaches(natives).answerLogits().write(work), 1);
             StockRun stock = new StockRun(target.resolve(bundle.decoder().orElseThrow().name()), bundle.vocabularySize())) {
            List<float[]> searched = elastic.with(plan, natives.keySet()).answerLogits(all);
            List<float[]> found = stock.answerLogits(all);
            for (int s = 0; s < all.size(); s++) {
                assertThat(found.get(s)).containsExactly(searched.get(s), within(1e-4f));
            }
        }
    }

    private Bundle open() throws Exception {
        ModelProto model = plain.decoder().orElseThrow().model().toBuilder().setGraph(graph).build();
        Files.write(folder.resolve("bundle/decoder.onnx"), model.toByteArray());
        return Bundle.open(folder.resolve("bundle"));
    }

    private void replace(String name, TensorProto tensor) {
        for (int i = 0; i < graph.getInitializerCount(); i++) {
            if (graph.getInitializer(i).getName().equals(name)) {
                graph.setInitializer(i, tensor);
            }
        }
    }

    private static long[] tokens(int count) {
        long[] tokens = new long[count];
        for (int i = 0; i < count; i++) {
            tokens[i] = i * 29 % 100;
        }
        return tokens;
    }

    private static float[] gaussian(int count) {
        float[] values = new float[count];
        Random random = new Random(2);
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static NodeProto node(String operator, String output, List<String> inputs) {
        return NodeProto.newBuilder().setOpType(operator).setName(output).addAllInput(inputs).addOutput(output).build();
    }

    private static TensorProto floats(String name, float[] values, long... dims) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        TensorProto.Builder tensor = TensorProto.newBuilder().setName(name).setDataType(DataType.FLOAT_VALUE).setRawData(ByteString.copyFrom(bytes.flip()));
        for (long dim : dims) {
            tensor.addDims(dim);
        }
        return tensor.build();
    }

    private static TensorProto longs(String name, long... values) {
        ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (long value : values) {
            bytes.putLong(value);
        }
        return TensorProto.newBuilder().setName(name).setDataType(DataType.INT64_VALUE).addDims(values.length).setRawData(ByteString.copyFrom(bytes.flip())).build();
    }
}
