package dev.kogata.onnx.score;

import dev.kogata.onnx.sample.Sample;
import dev.kogata.onnx.safetensors.Safetensors;
import dev.kogata.onnx.safetensors.SafetensorsWriter;
import dev.kogata.onnx.safetensors.TensorEntry;
import dev.kogata.onnx.safetensors.TensorType;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * The dense encoder's features of every picture of a set, as one safetensors file: {@code features}, one picture's after the other's, and where
 * each begins ({@code feature_offsets}, pictures + 1). Immutable; mapped.
 */
public final class FeatureFile implements Reference {
    private final List<FloatBuffer> features;

    private FeatureFile(List<FloatBuffer> features) {
        this.features = features;
    }

    /**
     * Runs the dense encoder on samples of one picture each.
     *
     * @param done told the number of pictures done; whatever it throws ends the work
     */
    public static void write(Path path, List<Sample> samples, FeatureSource dense, IntConsumer done) throws IOException {
        // The file says first how much there is, so features wait on disk: those of a large encoder and many pictures fill a memory.
        Path waiting = path.resolveSibling(path.getFileName() + ".waiting");
        long[] offsets = new long[samples.size() + 1];
        try (FileChannel channel = FileChannel.open(waiting, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE)) {
            for (int i = 0; i < samples.size(); i++) {
                float[] own = dense.features(samples.get(i).images().get(0));
                offsets[i + 1] = offsets[i] + own.length;
                channel.map(FileChannel.MapMode.READ_WRITE, offsets[i] * Float.BYTES, (long) own.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(own);
                done.accept(i + 1);
            }
            List<TensorEntry> entries = List.of(new TensorEntry("feature_offsets", TensorType.I64, offsets.length), new TensorEntry("features", TensorType.F32, offsets[samples.size()]));
            try (SafetensorsWriter writer = SafetensorsWriter.create(path, entries, Map.of("format", "kogata reference features 1"))) {
                writer.append(offsets);
                for (int i = 0; i < samples.size(); i++) {
                    writer.append(channel.map(FileChannel.MapMode.READ_ONLY, offsets[i] * Float.BYTES, (offsets[i + 1] - offsets[i]) * Float.BYTES));
                }
                writer.finish();
            }
        }
    }

    /** Opens what {@link #write} wrote. */
    public static FeatureFile open(Path path) throws IOException {
        try (Safetensors file = Safetensors.open(path)) {
            long[] offsets = file.longs("feature_offsets");
            List<FloatBuffer> features = new ArrayList<>();
            for (int i = 0; i < offsets.length - 1; i++) {
                features.add(file.floats("features", offsets[i], offsets[i + 1] - offsets[i]));
            }
            return new FeatureFile(features);
        }
    }

    /** The dense encoder's features of one picture. */
    @Override
    public float[] of(int sample) {
        FloatBuffer mapped = features.get(sample);
        float[] copy = new float[mapped.capacity()];
        mapped.get(0, copy);
        return copy;
    }
}
