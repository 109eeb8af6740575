package dev.kogata.onnx.measure;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.kogata.onnx.score.DecoderInputs;
import dev.kogata.onnx.score.ModelRuns;
import dev.kogata.onnx.score.PaddedBatch;
import dev.kogata.onnx.score.Sessions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One sequence through a decoder with its cache, as a server does it: the outputs named {@code present...} of one step are
 * the inputs named {@code past_key_values...} of the next. Not safe for use by several threads.
 */
public final class DecodingRun implements AutoCloseable {
    private final OrtSession session;
    private final DecoderInputs inputs;
    private final FloatBuffer embeddings;   // (tokens, hidden)
    private final long[] tokens;            // (tokens)
    private final int hidden;
    private OrtSession.Result last;
    private int length;

    /**
     * @param tokens (tokens): read as far as the sequence goes, so later ones may be filled in as they become known
     * @param embeddings (tokens, hidden), read in the same way; empty where the decoder takes token ids itself
     * @param hidden width of an embedding; 0 where there are none
     */
    public DecodingRun(OrtSession session, DecoderInputs inputs, long[] tokens, FloatBuffer embeddings, int hidden) {
        this.session = session;
        this.inputs = inputs;
        this.tokens = tokens;
        this.embeddings = embeddings;
        this.hidden = hidden;
    }

    /** Runs the next {@code count} tokens; returns their logits (count, vocabulary). */
    public FloatBuffer next(int count) throws OrtException {
        PaddedBatch batch = batch(count);
        Map<String, OnnxTensor> own = last == null ? inputs.prefill(batch) : inputs.step(batch, true);
        Map<String, OnnxTensor> feed = new LinkedHashMap<>(own);
        if (last != null) {
            for (String cache : inputs.caches()) {
                feed.put(cache, (OnnxTensor) last.get(cache.replace("past_key_values", "present")).orElseThrow());
            }
        }
        OrtSession.Result result;
        try {
            result = ModelRuns.run(session, feed, session.getOutputNames());
        } finally {
            own.values().forEach(OnnxTensor::close);
        }
        if (last != null) {
            last.close();
        }
        last = result;
        length += count;
        return ((OnnxTensor) result.get("logits").orElseThrow()).getFloatBuffer();
    }

    /** Tokens in the cache. */
    public int length() {
        return length;
    }

    /** Bytes of the cache's tensors. */
    long cacheBytes() throws OrtException {
        long bytes = 0;
        for (String cache : inputs.caches()) {
            OnnxTensor tensor = (OnnxTensor) last.get(cache.replace("past_key_values", "present")).orElseThrow();
            bytes += tensor.getInfo().getNumElements() * tensor.getInfo().type.size;
        }
        return bytes;
    }

    private PaddedBatch batch(int count) {
        FloatBuffer rows = direct((long) count * hidden * Float.BYTES).asFloatBuffer();
        LongBuffer ids = direct((long) count * Long.BYTES).asLongBuffer();
        LongBuffer positions = direct((long) count * Long.BYTES).asLongBuffer();
        LongBuffer mask = direct((long) (length + count) * Long.BYTES).asLongBuffer();
        for (int t = 0; t < count; t++) {
            // A sequence longer than the sample repeats it: what is said does not matter for time and memory.
            int at = (length + t) % tokens.length;
            rows.put(t * hidden, embeddings, at * hidden, hidden);
            ids.put(t, tokens[at]);
            positions.put(t, length + t);
        }
        for (int t = 0; t < length + count; t++) {
            mask.put(t, 1);
        }
        return new PaddedBatch(1, count, hidden, rows, ids, mask, positions);
    }

    private static ByteBuffer direct(long bytes) {
        return ByteBuffer.allocateDirect(Math.toIntExact(bytes)).order(ByteOrder.nativeOrder());
    }

    static DecodingRun start(OrtSession session, int headSize, long[] tokens, FloatBuffer embeddings, int hidden) throws OrtException {
        return new DecodingRun(session, DecoderInputs.of(Sessions.environment(), session, headSize), tokens, embeddings, hidden);
    }

    @Override
    public void close() {
        if (last != null) {
            last.close();
        }
    }
}
