package dev.kogata.onnx.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kogata.onnx.format.Onnx.GraphProto;
import dev.kogata.onnx.format.Onnx.NodeProto;
import dev.kogata.onnx.format.Onnx.TensorProto;
import dev.kogata.onnx.format.Onnx.TensorProto.DataType;
import dev.kogata.onnx.format.Onnx.ValueInfoProto;
import dev.kogata.onnx.graph.Attributes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Caches that Kogata does not rewrite stay as they are with a reason, and keep nothing else of the decoder from being compressed. */
class LeftAloneTest {
    private static final String PRESENT = "present.0.key";

    private final Bundle plain = Bundle.open(Path.of("src/test/resources/models/nano-optimum"));
    private final ModelFile decoder = plain.decoder().orElseThrow();
    private final GraphProto.Builder graph = decoder.model().getGraph().toBuilder();
    @TempDir
    Path folder;

    private Bundle open() throws IOException {
        Path data = decoder.path().resolveSibling("decoder_model_merged.onnx_data");
        Files.copy(data, folder.resolve(data.getFileName()));
        Files.write(folder.resolve("decoder.onnx"), decoder.model().toBuilder().setGraph(graph).build().toByteArray());
        return Bundle.open(folder);
    }

    private void instead(List<NodeProto> nodes) {
        List<NodeProto> all = new ArrayList<>();
        graph.getNodeList().forEach(node -> all.addAll(node.getOutputList().contains(PRESENT) ? nodes : List.of(node)));
        graph.clearNode().addAllNode(all);
    }

    private NodeProto appending() {
        return graph.getNodeList().stream().filter(node -> node.getOutputList().contains(PRESENT)).findFirst().orElseThrow();
    }

    private void assertFirstLayerIsLeftAlone(Bundle bundle, String reason) {
        assertThat(bundle.cacheLayers().get(0).widths()).as("as it is, and no other width").containsExactly(0);
        assertThat(bundle.cacheLayers().get(0).nativeWidths()).isEmpty();
        assertThat(bundle.remarks()).anySatisfy(remark -> assertThat(remark).startsWith("The cache of layer 0 stays as it is: ").contains(reason));
        assertThat(bundle.cacheLayers().get(1).widths()).contains(2, 4, 8);
        assertThat(bundle.cacheLayers().get(1).nativeWidths()).isNotEmpty();
        assertThat(bundle.weights()).extracting(WeightMatrix::name).isEqualTo(plain.weights().stream().map(WeightMatrix::name).toList());
    }

    @Test
    void aCacheThatTensorScatterWritesInto() throws IOException {
        NodeProto appending = appending();
        graph.addInput(ValueInfoProto.newBuilder(graph.getInput(graph.getInputCount() - 1)).setName("write_indices"));
        instead(List.of(appending.toBuilder().setOpType("TensorScatter").clearAttribute().addAttribute(Attributes.of("axis", 2)).addInput("write_indices").build()));
        assertFirstLayerIsLeftAlone(open(), "it is read by TensorScatter in a way that is not known");
    }

    @Test
    void aCacheThatIsCutToASlidingWindow() throws IOException {
        NodeProto appending = appending();
        graph.addInitializer(longs("from", -8)).addInitializer(longs("to", Integer.MAX_VALUE)).addInitializer(longs("axes", 2));
        instead(List.of(appending.toBuilder().setOutput(0, "whole").build(),
                NodeProto.newBuilder().setOpType("Slice").addAllInput(List.of("whole", "from", "to", "axes")).addOutput(PRESENT).build()));
        assertFirstLayerIsLeftAlone(open(), "in a way that is not known");
    }

    @Test
    void bfloat16CachesAreNotMadeNative() throws IOException {
        for (int i = 0; i < graph.getInputCount(); i++) {
            if (graph.getInput(i).getName().startsWith("past_key_values.0")) {
                graph.getInputBuilder(i).getTypeBuilder().getTensorTypeBuilder().setElemType(DataType.BFLOAT16_VALUE);
            }
        }
        Bundle bundle = open();
        assertThat(bundle.cacheLayers().get(0).nativeWidths()).isEmpty();
        assertThat(bundle.cacheLayers().get(0).nativeObstacle()).contains("takes float32 and float16, not data type BFLOAT16");
        assertThat(bundle.cacheLayers().get(0).valueBytes()).isEqualTo(2);
        assertThat(bundle.cacheLayers().get(1).nativeWidths()).isNotEmpty();
    }

    private static TensorProto longs(String name, long value) {
        return TensorProto.newBuilder().setName(name).setDataType(DataType.INT64_VALUE).addDims(1).addInt64Data(value).build();
    }
}
