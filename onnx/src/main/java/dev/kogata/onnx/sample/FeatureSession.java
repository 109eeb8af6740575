package dev.kogata.onnx.sample;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.kogata.core.RefusedInput;
import dev.kogata.onnx.prompt.Pixels;
import dev.kogata.onnx.score.FloatTensors;
import dev.kogata.onnx.score.ModelRuns;
import dev.kogata.onnx.score.PixelInput;
import dev.kogata.onnx.score.Sessions;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** One of a bundle's small graphs, whose first output is wanted in float32. */
final class FeatureSession implements AutoCloseable {
    private final OrtEnvironment environment = Sessions.environment();
    private final OrtSession session;

    private FeatureSession(OrtSession session) {
        this.session = session;
    }

    static FeatureSession open(Path file, int threads) throws OrtException {
        return new FeatureSession(Sessions.open(file, threads));
    }

    /** Features of one image. */
    float[] image(Pixels pixels) throws OrtException {
        PixelInput input = PixelInput.of(session);
        try (OnnxTensor tensor = input.tensor(pixels)) {
            return run(Map.of(input.name(), tensor));
        }
    }

    /** What a projector makes of features (rows, its input's last dimension). */
    float[] features(float[] features) throws OrtException {
        String name = session.getInputNames().iterator().next();
        try (OnnxTensor tensor = floats(name, FloatBuffer.wrap(features), shape(name, features.length, 1))) {
            return run(Map.of(name, tensor));
        }
    }

    /**
     * Embeddings (tokens, hidden).
     *
     * @param features (rows, hidden) of all images, for graphs that merge them in themselves
     */
    float[] tokens(long[] tokens, float[] features, int hidden) throws OrtException {
        Map<String, OnnxTensor> feed = new LinkedHashMap<>();
        try {
            feed.put("input_ids", OnnxTensor.createTensor(environment, LongBuffer.wrap(tokens), new long[] {1, tokens.length}));
            if (session.getInputNames().contains("image_features")) {
                // Without an image one row of zeros stands for none, since some graphs cannot index nothing.
                FloatBuffer rows = FloatBuffer.wrap(features.length == 0 ? new float[hidden] : features);
                feed.put("image_features", floats("image_features", rows, shape("image_features", rows.capacity(), hidden)));
            }
            float[] embeddings = run(feed);
            if (embeddings.length != (long) tokens.length * hidden) {
                throw new RefusedInput("MODEL_UNSUPPORTED", "The embedding graph returns %d values for %d tokens; the decoder takes %d for each.".formatted(embeddings.length, tokens.length, hidden));
            }
            return embeddings;
        } finally {
            feed.values().forEach(OnnxTensor::close);
        }
    }

    /** The input's shape with all its open dimensions 1, but the one before the last as large as the values need. */
    private long[] shape(String name, long values, long lastIfOpen) throws OrtException {
        long[] shape = ((TensorInfo) session.getInputInfo().get(name).getInfo()).getShape();
        int last = shape.length - 1;
        for (int d = 0; d < last; d++) {
            shape[d] = 1;
        }
        shape[last] = shape[last] < 0 ? lastIfOpen : shape[last];
        shape[last - 1] = values / shape[last];
        return shape;
    }

    private OnnxTensor floats(String name, FloatBuffer values, long... shape) throws OrtException {
        if (!session.getInputNames().contains(name)) {
            throw new RefusedInput("MODEL_UNSUPPORTED", "A graph of the bundle has no input " + name + ".");
        }
        return FloatTensors.create(environment, ((TensorInfo) session.getInputInfo().get(name).getInfo()).type, name, values, shape);
    }

    private float[] run(Map<String, OnnxTensor> feed) throws OrtException {
        try (OrtSession.Result result = ModelRuns.run(session, feed, session.getOutputNames())) {
            FloatBuffer values = ((OnnxTensor) result.get(0)).getFloatBuffer();
            float[] copy = new float[values.remaining()];
            values.get(copy);
            return copy;
        }
    }

    @Override
    public void close() throws OrtException {
        session.close();
    }
}
