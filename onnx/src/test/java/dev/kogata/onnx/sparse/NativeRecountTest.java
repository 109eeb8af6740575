package dev.kogata.onnx.sparse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.bundle.CacheLayer;
import dev.kogata.onnx.deliver.BundleWriter;
import dev.kogata.onnx.deliver.DeliveredCache;
import dev.kogata.onnx.graph.NativeScales;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Native caches are counted from the files alone, whatever layout they are in. */
class NativeRecountTest {
    @TempDir Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"optimum", "dynamo", "attention", "genai", "merged_if", "float16"})
    void widthsBytesAndStaticScalesAreReadFromTheGraph(String layout) throws Exception {
        Bundle original = Bundle.open(Path.of("src/test/resources/models/nano-" + layout));
        new BundleWriter(original).write(folder, weight -> Optional.empty(), List.of(new DeliveredCache(0, scales(original.cacheLayers().get(0), 4)),
                new DeliveredCache(1, scales(original.cacheLayers().get(1), 8))));
        Bundle delivered = Bundle.open(folder);
        CacheRecount recount = new CacheRecount(delivered);
        assertThat(recount.layers()).isEqualTo(2);
        assertThat(recount.format(0)).isEqualTo("native");
        // 2 heads of 16 channels, keys and values: of half a byte each, and of a byte.
        assertThat(recount.bytesPerToken(0)).isEqualTo(2 * 2 * 8);
        assertThat(recount.bytesPerToken(1)).isEqualTo(2 * 2 * 16);
        assertThat(recount.fixedBytes(0)).isEqualTo(2 * 2 * 16 * 4);
        for (boolean key : new boolean[] {true, false}) {
            assertThat(recount.hasWidth(0, key, 4)).isTrue();
            assertThat(recount.hasWidth(0, key, 8)).isFalse();
            assertThat(recount.hasWidth(1, key, 8)).isTrue();
            assertThat(recount.hasWidth(1, key, 0)).isFalse();
        }
        assertThat(delivered.untouched().stream().filter(t -> !t.name().startsWith("kogata.")).mapToLong(t -> t.bytes()).sum()).isEqualTo(original.untouchedBytes());
        assertThat(delivered.cacheLayers()).allSatisfy(layer -> assertThat(layer.nativeWidths()).as("quantized already").isEmpty());
    }

    private static NativeScales scales(CacheLayer layer, int bits) {
        float[] scales = new float[layer.kvHeads() * layer.headSize()];
        Arrays.fill(scales, 0.05f);
        return new NativeScales(bits, scales, scales);
    }
}
