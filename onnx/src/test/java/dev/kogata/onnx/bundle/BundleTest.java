package dev.kogata.onnx.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kogata.core.prune.Matrix;
import dev.kogata.onnx.bundle.Component.Kind;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class BundleTest {
    private final Bundle bundle = Bundle.open(Path.of("src/test/resources/models/nano-optimum"));

    @Test
    void findsThePartsByStructure() {
        assertThat(bundle.layout()).isEqualTo("optimum");
        assertThat(bundle.components()).extracting(Component::kind).containsExactlyInAnyOrder(Kind.VISION_ENCODER, Kind.EMBED_TOKENS, Kind.DECODER);
        assertThat(bundle.vocabularySize()).isEqualTo(436);
        assertThat(bundle.hiddenSize()).isEqualTo(64);
        assertThat(bundle.remarks()).isEmpty();
    }

    @Test
    void findsSevenWeightsOfEachOfTwoBlocks() {
        List<String> roles = List.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj");
        for (int layer = 0; layer < 2; layer++) {
            int number = layer;
            assertThat(bundle.weights().stream().filter(w -> w.layer() == number)).extracting(WeightMatrix::role).containsExactlyElementsOf(roles);
        }
        WeightMatrix down = bundle.weights().get(6);
        assertThat(down).isEqualTo(new WeightMatrix("onnx/decoder_model_merged.onnx#onnx::MatMul_638", "onnx::MatMul_638",
                "onnx/decoder_model_merged.onnx", 0, "down_proj", 160, 64, true, ValueType.FLOAT32, Component.Kind.DECODER));
        assertThat(down.outputs()).isEqualTo(64);
    }

    @Test
    void findsTheCacheOfEachBlock() {
        assertThat(bundle.cacheLayers()).hasSize(2);
        assertThat(bundle.cacheLayers().get(1)).isEqualTo(new CacheLayer(1, 2, 16, 4, 16, List.of(0, 2, 3, 4, 6, 8), "",
                new CacheTensor("past_key_values.1.key", "present.1.key"), new CacheTensor("past_key_values.1.value", "present.1.value")));
    }

    @Test
    void readsAWeightOutputMajorAndWritesItBackBitForBit() {
        WeightMatrix weight = bundle.weights().get(6);
        Matrix matrix = bundle.read(weight);
        assertThat(matrix.rows()).isEqualTo(64);
        assertThat(matrix.columns()).isEqualTo(160);
        assertThat(matrix.values()[3 * 160 + 5]).isEqualTo(bundle.stored(weight).getFloat(4 * (5 * 64 + 3)));
        assertThat(bundle.encode(weight, matrix)).isEqualTo(bundle.stored(weight));
    }

    @Test
    void countsEveryTensorOnce() {
        long tensors = bundle.components().stream().mapToLong(Component::tensorBytes).sum();
        long pruned = bundle.weights().stream().mapToLong(WeightMatrix::bytes).sum();
        assertThat(bundle.untouchedBytes() + pruned).isEqualTo(tensors);
        assertThat(bundle.untouched().get(0).bytes()).isEqualTo(436 * 64 * 4);
        assertThat(bundle.untouched()).filteredOn(t -> t.why().contains("output head")).hasSize(1);
    }
}
