package dev.kogata.onnx.score;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.kogata.onnx.prompt.Pixels;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/** A vision encoder's file in stock ONNX Runtime, as it came or as it was delivered. Safe for use by several threads. */
public final class StockEncoder implements FeatureSource, AutoCloseable {
    private final OrtSession session;
    private final PixelInput input;
    private final String output;

    private StockEncoder(OrtSession session) throws OrtException {
        this.session = session;
        this.input = PixelInput.of(session);
        this.output = session.getOutputInfo().keySet().iterator().next();
    }

    /** @param threads of ONNX Runtime within one run */
    public static StockEncoder open(Path file, int threads) throws OrtException {
        OrtSession session = Sessions.open(file, threads);
        try {
            return new StockEncoder(session);
        } catch (OrtException | RuntimeException e) {
            session.close();
            throw e;
        }
    }

    @Override
    public float[] features(Pixels picture) {
        try (OnnxTensor pixels = input.tensor(picture); OrtSession.Result result = ModelRuns.run(session, Map.of(input.name(), pixels), Set.of(output))) {
            FloatBuffer values = ((OnnxTensor) result.get(0)).getFloatBuffer();
            float[] copy = new float[values.remaining()];
            values.get(copy);
            return copy;
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime could not run the vision encoder", e);
        }
    }

    @Override
    public void close() throws OrtException {
        session.close();
    }
}
