package dev.kogata.onnx.elastic;

import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.bundle.WeightMatrix;
import dev.kogata.onnx.safetensors.Safetensors;
import dev.kogata.onnx.safetensors.SafetensorsWriter;
import dev.kogata.onnx.safetensors.TensorEntry;
import dev.kogata.onnx.safetensors.TensorType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Level maps of all weights of a bundle as a safetensors file: weight id to uint8, in the weight's stored layout. */
public final class LevelMapFile {
    private LevelMapFile() {}

    /** Makes the levels (out, in) of one weight. */
    @FunctionalInterface
    public interface Levels {
        byte[] of(WeightMatrix weight) throws IOException;
    }

    /** Writes the levels of all weights, one of them in memory at a time. */
    public static void write(Path file, Bundle bundle, Map<String, String> metadata, Levels levels) throws IOException {
        List<TensorEntry> entries = bundle.weights().stream().map(w -> new TensorEntry(w.id(), TensorType.U8, w.rows(), w.columns())).toList();
        try (SafetensorsWriter writer = SafetensorsWriter.create(file, entries, metadata)) {
            for (WeightMatrix weight : bundle.weights()) {
                writer.append(ByteBuffer.wrap(weight.asStored(levels.of(weight))));
            }
            writer.finish();
        }
    }

    /** All levels as {@link ElasticGraph#levels} takes them; mapped, valid after the file is closed. */
    public static Map<String, ByteBuffer> stored(Safetensors file, Bundle bundle) throws IOException {
        Map<String, ByteBuffer> levels = new LinkedHashMap<>();
        for (WeightMatrix weight : bundle.weights()) {
            file.tensor(weight.id(), TensorType.U8, 2);
            levels.put(weight.id(), file.bytes(weight.id()));
        }
        return levels;
    }

    /** Levels (out, in) of one weight. */
    public static byte[] outputMajor(Safetensors file, WeightMatrix weight) throws IOException {
        ByteBuffer stored = file.bytes(weight.id());
        byte[] levels = new byte[stored.remaining()];
        stored.get(levels);
        return weight.outputMajor(levels);
    }
}
