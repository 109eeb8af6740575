package dev.kogata.onnx.elastic;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.kogata.onnx.sample.Sample;
import dev.kogata.onnx.score.DecoderInputs;
import dev.kogata.onnx.score.LogitsSource;
import dev.kogata.onnx.score.PaddedBatch;
import dev.kogata.onnx.score.Sessions;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A decoder as it stands in a file, in stock ONNX Runtime: whole sequences, all logits computed. */
public final class StockRun implements LogitsSource, AutoCloseable {
    private final OrtSession session;
    private final DecoderInputs inputs;
    private final int vocabulary;

    public StockRun(Path file, int vocabulary) throws OrtException {
        this(file, vocabulary, 0);
    }

    /** @param headSize for graphs that leave it open */
    public StockRun(Path file, int vocabulary, int headSize) throws OrtException {
        this.session = Sessions.open(file, 2);
        this.inputs = DecoderInputs.of(Sessions.environment(), session, headSize);
        this.vocabulary = vocabulary;
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
            try (OrtSession.Result result = session.run(feed)) {
                FloatBuffer logits = ((OnnxTensor) result.get("logits").orElseThrow()).getFloatBuffer();
                List<float[]> answers = new ArrayList<>();
                for (int b = 0; b < batch.size(); b++) {
                    int[] positions = batch.get(b).answerPositions();
                    float[] own = new float[positions.length * vocabulary];
                    for (int i = 0; i < positions.length; i++) {
                        logits.get((b * padded.length() + positions[i]) * vocabulary, own, i * vocabulary, vocabulary);
                    }
                    answers.add(own);
                }
                return answers;
            } finally {
                feed.values().forEach(OnnxTensor::close);
            }
        } catch (OrtException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() throws OrtException {
        session.close();
    }
}
