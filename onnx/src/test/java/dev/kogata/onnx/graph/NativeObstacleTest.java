package dev.kogata.onnx.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.bundle.CacheLayer;
import dev.kogata.onnx.format.Onnx.GraphProto;
import dev.kogata.onnx.format.Onnx.NodeProto;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** What is not attention as GroupQueryAttention does it is left alone, with the reason. */
class NativeObstacleTest {
    private final Bundle bundle = Bundle.open(Path.of("src/test/resources/models/nano-dynamo"));
    private final CacheLayer layer = bundle.cacheLayers().get(0);

    @Test
    void attentionAsItCameCanBeConverted() {
        assertThat(obstacle(node -> node)).isEmpty();
    }

    @Test
    void aMaskThatLetsTokensSeeWhatComesLaterIsNotReplacedByOneThatDoesNot() {
        assertThat(obstacle(node -> node.getOutput(0).equals("bitwise_and") ? node.toBuilder().setOpType("Or").build() : node)).contains("its mask may allow more than what came before");
        // Nothing but the padding: every token sees every other.
        assertThat(obstacle(node -> node.getOutput(0).equals("bitwise_and") ? node.toBuilder().setInput(0, node.getInput(1)).build() : node)).contains("its mask does not compare positions");
        assertThat(obstacle(node -> node.getOutput(0).equals("bitwise_and") ? node.toBuilder().setInput(1, "inputs_embeds").build() : node))
                .contains("its mask depends on the input inputs_embeds");
    }

    @Test
    void scoresThatAreBentOrScaledByWhatIsNotKnownAreLeftAlone() {
        assertThat(obstacle(node -> node.getOutput(0).equals("mul_85") ? node.toBuilder().setOpType("Tanh").clearInput().addInput(node.getInput(0)).build() : node))
                .contains("its scores are read by Tanh");
        assertThat(obstacle(node -> node.getOutput(0).equals("mul_85") ? node.toBuilder().setInput(1, "cos").build() : node)).contains("its scale cos is no constant number");
    }

    @Test
    void headsRepeatedInAnotherOrderAreLeftAlone() {
        assertThat(obstacle(node -> node.getOutput(0).equals("unsqueeze_9") ? node.toBuilder().setInput(1, "val_19").build() : node)).contains("heads of its keys are repeated along axis [1]");
        assertThat(obstacle(node -> node.getOutput(0).equals("expand") ? node.toBuilder().setOpType("Tile").build() : node)).contains("its keys are read by Tile");
    }

    @Test
    void headsOfOddSizesAreLeftAlone() {
        PlainCaches.Layer odd = new PlainCaches.Layer(layer.key().input(), layer.key().output(), layer.value().input(), layer.value().output(), 12);
        assertThat(NativeCaches.obstacle(new GraphView(bundle.decoder().orElseThrow().model().getGraph()), odd, layer.kvHeads()))
                .contains("GroupQueryAttention takes heads of a multiple of 8 channels, not of 12");
    }

    private Optional<String> obstacle(UnaryOperator<NodeProto> change) {
        GraphProto graph = bundle.decoder().orElseThrow().model().getGraph();
        GraphProto changed = graph.toBuilder().clearNode().addAllNode(graph.getNodeList().stream().map(change).toList()).build();
        return NativeCaches.obstacle(new GraphView(changed), layer.names(), layer.kvHeads());
    }
}
