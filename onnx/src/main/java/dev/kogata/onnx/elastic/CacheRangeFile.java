package dev.kogata.onnx.elastic;

import dev.kogata.core.cache.KeyFactors;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.bundle.CacheLayer;
import dev.kogata.onnx.safetensors.Safetensors;
import dev.kogata.onnx.safetensors.SafetensorsWriter;
import dev.kogata.onnx.safetensors.TensorEntry;
import dev.kogata.onnx.safetensors.TensorType;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What calibration found out about caches, as a safetensors file. Of each layer N, float32 (kv_heads, head_size):
 * {@code layers.N.key_factor}, {@code layers.N.key_absolute_maximum}, {@code layers.N.value_absolute_maximum}.
 */
public final class CacheRangeFile {
    private CacheRangeFile() {}

    /** Writes the ranges that were measured, and the key factors that follow from them. */
    public static void write(Path file, Bundle bundle, Calibration measured) throws IOException {
        Map<Integer, float[]> keys = measured.keyMaxima(), values = measured.valueMaxima();
        List<TensorEntry> entries = new ArrayList<>();
        List<float[]> tensors = new ArrayList<>();
        for (CacheLayer layer : bundle.cacheLayers()) {
            float[] key = keys.get(layer.layer()), value = values.get(layer.layer());
            if (key == null || value == null) {
                continue;   // a cache that cannot be rewritten was not measured either
            }
            add(layer, "key_factor", KeyFactors.calibrate(key, layer.kvHeads(), layer.headSize()), entries, tensors);
            add(layer, "key_absolute_maximum", key, entries, tensors);
            add(layer, "value_absolute_maximum", value, entries, tensors);
        }
        try (SafetensorsWriter writer = SafetensorsWriter.create(file, entries, Map.of())) {
            for (float[] tensor : tensors) {
                writer.append(FloatBuffer.wrap(tensor));
            }
            writer.finish();
        }
    }

    private static void add(CacheLayer layer, String what, float[] values, List<TensorEntry> entries, List<float[]> tensors) {
        entries.add(new TensorEntry(name(layer, what), TensorType.F32, layer.kvHeads(), layer.headSize()));
        tensors.add(values);
    }

    private static String name(CacheLayer layer, String what) {
        return "layers." + layer.layer() + "." + what;
    }

    /** Key factors (heads, channels) by layer; without an entry for a layer that has none. */
    public static Map<Integer, float[]> keyFactors(Path file, Bundle bundle) throws IOException {
        Map<Integer, float[]> factors = new LinkedHashMap<>();
        try (Safetensors ranges = Safetensors.open(file)) {
            for (CacheLayer layer : bundle.cacheLayers()) {
                String name = name(layer, "key_factor");
                if (ranges.has(name)) {
                    float[] values = new float[layer.kvHeads() * layer.headSize()];
                    ranges.floats(name, 0, values.length).get(values);
                    factors.put(layer.layer(), values);
                }
            }
        }
        return factors;
    }
}
