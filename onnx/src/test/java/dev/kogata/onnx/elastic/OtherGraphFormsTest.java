package dev.kogata.onnx.elastic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.ByteString;
import dev.kogata.core.budget.ElasticPlan;
import dev.kogata.core.budget.WeightStep;
import dev.kogata.core.prune.LevelMap;
import dev.kogata.core.prune.Matrix;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.bundle.WeightMatrix;
import dev.kogata.onnx.format.Onnx.ModelProto;
import dev.kogata.onnx.format.Onnx.NodeProto;
import dev.kogata.onnx.format.Onnx.TensorProto;
import dev.kogata.onnx.graph.Attributes;
import dev.kogata.onnx.sample.Sample;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same decoder written down as other exporters do. */
class OtherGraphFormsTest {
    private final Bundle plain = Bundle.open(Path.of("src/test/resources/models/nano-optimum"));
    private final ModelProto model = plain.decoder().orElseThrow().model();
    private final List<Sample> samples = RandomSamples.of(8, 64, 14, 20);
    @TempDir
    Path folder;

    @BeforeEach
    void copyTheData() throws Exception {
        Path data = plain.decoder().orElseThrow().path().resolveSibling("decoder_model_merged.onnx_data");
        Files.copy(data, Files.createDirectory(folder.resolve("bundle")).resolve(data.getFileName()));
        Files.createDirectory(folder.resolve("work"));
    }

    @Test
    void withoutAnyNamesTheGraphItselfTellsTheLayers() throws Exception {
        ModelProto.Builder nameless = model.toBuilder();
        nameless.getGraphBuilder().getNodeBuilderList().forEach(n -> n.setName(""));
        Bundle bundle = open(nameless.build());
        assertThat(bundle.weights()).extracting(WeightMatrix::name).isEqualTo(plain.weights().stream().map(WeightMatrix::name).toList());
        assertThat(bundle.weights()).extracting(WeightMatrix::layer).isEqualTo(plain.weights().stream().map(WeightMatrix::layer).toList());
        assertThat(bundle.untouchedBytes()).isEqualTo(plain.untouchedBytes() - embeddingAndVision());
    }

    @Test
    void aWeightBehindATransposeIsReadAndPrunedByOutputRowsToo() throws Exception {
        WeightMatrix before = plain.weights().get(4);
        Bundle bundle = open(transposed(before));
        WeightMatrix weight = bundle.weights().get(4);
        assertThat(weight.outputLast()).isFalse();
        assertThat(weight.outputs()).isEqualTo(160);
        Matrix matrix = bundle.read(weight);
        assertThat(matrix.values()).isEqualTo(plain.read(before).values());

        byte[] levels = LevelMap.levels(matrix, magnitudes(matrix));
        ElasticModel here = ElasticGraph.of(bundle).levels(Map.of(weight.id(), ByteBuffer.wrap(weight.asStored(levels)))).inputNorms(l -> true).answerLogits()
                .write(folder.resolve("work"));
        Path other = Files.createDirectory(folder.resolve("other"));
        ElasticModel there = ElasticGraph.of(plain).levels(Map.of(before.id(), ByteBuffer.wrap(before.asStored(levels)))).answerLogits().write(other);
        try (ElasticSession one = ElasticSession.open(here, 1); ElasticSession two = ElasticSession.open(there, 1)) {
            List<WeightStep> steps = plain.weights().stream().map(w -> w.equals(before) ? new WeightStep(150, 40) : WeightStep.DENSE).toList();
            ElasticPlan plan = new ElasticPlan(steps, List.of(0, 0), List.of(0, 0));
            assertThat(one.with(plan).answerLogits(samples).get(1)).containsExactly(two.with(plan).answerLogits(samples).get(1), within(1e-5f));
        }
    }

    private ModelProto transposed(WeightMatrix weight) {
        ByteBuffer values = ByteBuffer.allocate((int) weight.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : plain.read(weight).values()) {
            values.putFloat(value);
        }
        ModelProto.Builder changed = model.toBuilder();
        for (int i = 0; i < changed.getGraph().getInitializerCount(); i++) {
            if (changed.getGraph().getInitializer(i).getName().equals(weight.name())) {
                changed.getGraphBuilder().setInitializer(i, TensorProto.newBuilder().setName("turned").setDataType(1)
                        .addDims(weight.columns()).addDims(weight.rows()).setRawData(ByteString.copyFrom(values.flip())));
            }
        }
        changed.getGraphBuilder().addNode(0, NodeProto.newBuilder().setOpType("Transpose").addInput("turned").addOutput(weight.name())
                .addAttribute(Attributes.of("perm", List.of(1L, 0L))));
        return changed.build();
    }

    private Bundle open(ModelProto changed) throws Exception {
        Files.write(folder.resolve("bundle/decoder.onnx"), changed.toByteArray());
        return Bundle.open(folder.resolve("bundle"));
    }

    private long embeddingAndVision() {
        return plain.components().stream().filter(c -> !c.file().equals(plain.decoder().orElseThrow().name())).mapToLong(c -> c.tensorBytes()).sum();
    }

    private static float[] magnitudes(Matrix matrix) {
        float[] scores = matrix.values().clone();
        for (int i = 0; i < scores.length; i++) {
            scores[i] = Math.abs(scores[i]);
        }
        return scores;
    }
}
