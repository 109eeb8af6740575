package dev.kogata.onnx.bundle;

import dev.kogata.core.prune.Matrix;
import dev.kogata.onnx.safetensors.Safetensors;
import dev.kogata.onnx.safetensors.SafetensorsWriter;
import dev.kogata.onnx.safetensors.TensorEntry;
import dev.kogata.onnx.safetensors.TensorType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** New values of all weights of a bundle as a safetensors file: weight id to values, type and shape as in the bundle. */
public final class WeightFile {
    private WeightFile() {}

    /** Gives the new values (out, in) of one weight. */
    @FunctionalInterface
    public interface Values {
        Matrix of(WeightMatrix weight) throws IOException;
    }

    /** Writes all weights, one of them in memory at a time. */
    public static void write(Path file, Bundle bundle, Values values) throws IOException {
        List<TensorEntry> entries = bundle.weights().stream().map(w -> new TensorEntry(w.id(), type(w), w.rows(), w.columns())).toList();
        try (SafetensorsWriter writer = SafetensorsWriter.create(file, entries, Map.of())) {
            for (WeightMatrix weight : bundle.weights()) {
                writer.append(bundle.encode(weight, values.of(weight)));
            }
            writer.finish();
        }
    }

    /** The values with those that are not 0, but would be in the weight's type, at its smallest: so that zeros stay as many. */
    public static Matrix keepingZeros(WeightMatrix weight, Matrix values) {
        float[] kept = values.values().clone();
        for (int k = 0; k < kept.length; k++) {
            kept[k] = weight.type().kept(kept[k]);
        }
        return new Matrix(values.rows(), values.columns(), kept);
    }

    /** The new values (out, in) of one weight, in float32. */
    public static Matrix read(Safetensors file, WeightMatrix weight) throws IOException {
        file.tensor(weight.id(), type(weight), 2);
        return WeightValues.decode(weight, file.bytes(weight.id()));
    }

    static TensorType type(WeightMatrix weight) {
        return switch (weight.type()) {
            case FLOAT32 -> TensorType.F32;
            case FLOAT16 -> TensorType.F16;
            case BFLOAT16 -> TensorType.BF16;
        };
    }
}
