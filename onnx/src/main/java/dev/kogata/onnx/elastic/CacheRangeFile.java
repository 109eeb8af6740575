package dev.kogata.onnx.elastic;

import dev.kogata.core.cache.KeyFactors;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.bundle.CacheLayer;
import dev.kogata.onnx.graph.NativeScales;
import dev.kogata.onnx.safetensors.Safetensors;
import dev.kogata.onnx.safetensors.SafetensorsWriter;
import dev.kogata.onnx.safetensors.TensorEntry;
import dev.kogata.onnx.safetensors.TensorType;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What calibration found out about caches, as a safetensors file. Of each layer N, float32 (kv_heads, head_size):
 * {@code layers.N.key_factor}; {@code layers.N.key_absolute_maximum} and {@code layers.N.value_absolute_maximum}, and the same
 * over text tokens ({@code ..._maximum.text}) and image tokens ({@code ..._maximum.image}) alone; where the layer can be native,
 * {@code layers.N.key_scale.8}, {@code layers.N.value_scale.8}, {@code layers.N.key_scale.4}, {@code layers.N.value_scale.4}.
 */
public final class CacheRangeFile {
    private static final int[] NATIVE_WIDTHS = {8, 4};

    private CacheRangeFile() {}

    /**
     * Writes the ranges that were measured, the key factors that follow from them, and static scales.
     *
     * @param scales by layer, one for each width; a layer without an entry has none
     */
    public static void write(Path file, Bundle bundle, CacheStatistics measured, Map<Integer, List<NativeScales>> scales) throws IOException {
        List<TensorEntry> entries = new ArrayList<>();
        List<float[]> tensors = new ArrayList<>();
        for (CacheLayer layer : bundle.cacheLayers()) {
            int number = layer.layer();
            if (!measured.has(number)) {
                continue;   // a cache that cannot be rewritten was not measured either
            }
            add(layer, "key_factor", KeyFactors.calibrate(measured.maximum(number, true), layer.kvHeads(), layer.headSize(), measured.pairs(number).forFactors()), entries, tensors);
            for (boolean key : new boolean[] {true, false}) {
                String name = key ? "key_absolute_maximum" : "value_absolute_maximum";
                add(layer, name, measured.maximum(number, key), entries, tensors);
                add(layer, name + ".text", measured.maximum(number, key, false), entries, tensors);
                add(layer, name + ".image", measured.maximum(number, key, true), entries, tensors);
            }
            for (NativeScales own : scales.getOrDefault(number, List.of())) {
                add(layer, "key_scale." + own.bits(), own.key(), entries, tensors);
                add(layer, "value_scale." + own.bits(), own.value(), entries, tensors);
            }
        }
        try (SafetensorsWriter writer = SafetensorsWriter.create(file, entries, Map.of())) {
            for (float[] tensor : tensors) {
                writer.append(FloatBuffer.wrap(tensor));
            }
            writer.finish();
        }
    }

    /** Writes a file for a bundle of which no cache can be rewritten. */
    public static void writeNone(Path file) throws IOException {
        try (SafetensorsWriter writer = SafetensorsWriter.create(file, List.of(), Map.of())) {
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
                if (ranges.has(name(layer, "key_factor"))) {
                    factors.put(layer.layer(), values(ranges, layer, "key_factor"));
                }
            }
        }
        return factors;
    }

    /** Static scales by layer, one for each width that the layer can be native with; without an entry for a layer that has none. */
    public static Map<Integer, List<NativeScales>> nativeScales(Path file, Bundle bundle) throws IOException {
        Map<Integer, List<NativeScales>> scales = new LinkedHashMap<>();
        try (Safetensors ranges = Safetensors.open(file)) {
            for (CacheLayer layer : bundle.cacheLayers()) {
                List<NativeScales> own = new ArrayList<>();
                for (int bits : Arrays.stream(NATIVE_WIDTHS).filter(b -> ranges.has(name(layer, "key_scale." + b))).toArray()) {
                    own.add(new NativeScales(bits, values(ranges, layer, "key_scale." + bits), values(ranges, layer, "value_scale." + bits)));
                }
                if (!own.isEmpty()) {
                    scales.put(layer.layer(), own);
                }
            }
        }
        return scales;
    }

    private static float[] values(Safetensors ranges, CacheLayer layer, String what) throws IOException {
        float[] values = new float[layer.kvHeads() * layer.headSize()];
        ranges.floats(name(layer, what), 0, values.length).get(values);
        return values;
    }
}
