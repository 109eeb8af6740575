package dev.kogata.onnx.score;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.kogata.core.RefusedInput;
import dev.kogata.onnx.sample.Sample;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A decoder file in stock ONNX Runtime, as it came or as it was delivered: whatever types its cache has, each sequence
 * begins with an empty one. Safe for use by several threads.
 */
public final class StockDecoder implements LogitsSource, AutoCloseable {
    private static final String LOGITS = "logits";
    private final OrtSession session;
    private final DecoderInputs inputs;
    private final int vocabulary;

    private StockDecoder(OrtSession session, int headSize) throws OrtException {
        this.session = session;
        inputs = DecoderInputs.of(Sessions.environment(), session, headSize);
        if (!session.getOutputNames().contains(LOGITS)) {
            throw new RefusedInput("MODEL_UNSUPPORTED", "The decoder has no output named logits.");
        }
        long[] shape = ((TensorInfo) session.getOutputInfo().get(LOGITS).getInfo()).getShape();
        vocabulary = (int) shape[shape.length - 1];
        if (vocabulary <= 0) {
            throw new RefusedInput("MODEL_UNSUPPORTED", "The decoder's logits do not tell the size of the vocabulary.");
        }
    }

    /**
     * @param threads of ONNX Runtime within one run
     * @param headSize channels of a head, for graphs whose cache inputs leave it open; else 0
     */
    public static StockDecoder open(Path file, int threads, int headSize) throws OrtException {
        OrtSession session = Sessions.open(file, threads);
        try {
            return new StockDecoder(session, headSize);
        } catch (OrtException | RuntimeException e) {
            session.close();
            throw e;
        }
    }

    @Override
    public int vocabulary() {
        return vocabulary;
    }

    @Override
    public List<float[]> answerLogits(List<Sample> batch) {
        PaddedBatch padded = PaddedBatch.of(batch);
        try {
            Map<String, OnnxTensor> feed = inputs.prefill(padded);
            try (OrtSession.Result result = ModelRuns.run(session, feed, Set.of(LOGITS))) {
                return gather(batch, padded, ((OnnxTensor) result.get(0)).getFloatBuffer(), vocabulary);
            } finally {
                feed.values().forEach(OnnxTensor::close);
            }
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime could not run the decoder", e);
        }
    }

    /**
     * The logits at the samples' answer positions.
     *
     * @param logits (samples, longest, vocabulary)
     */
    public static List<float[]> gather(List<Sample> batch, PaddedBatch padded, FloatBuffer logits, int vocabulary) {
        List<float[]> answers = new ArrayList<>();
        for (int b = 0; b < batch.size(); b++) {
            int[] positions = batch.get(b).answerPositions();
            float[] rows = new float[positions.length * vocabulary];
            for (int i = 0; i < positions.length; i++) {
                logits.get((b * padded.length() + positions[i]) * vocabulary, rows, i * vocabulary, vocabulary);
            }
            answers.add(rows);
        }
        return answers;
    }

    @Override
    public void close() throws OrtException {
        session.close();
    }
}
