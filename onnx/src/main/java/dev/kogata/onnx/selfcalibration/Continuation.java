package dev.kogata.onnx.selfcalibration;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.kogata.onnx.measure.DecodingRun;
import dev.kogata.onnx.sample.SampleMaker;
import dev.kogata.onnx.sample.SampleMaker.Rows;
import dev.kogata.onnx.score.DecoderInputs;
import java.nio.FloatBuffer;
import java.util.Arrays;

/** A text that a decoder goes on with, token by token, with its cache. Not safe for use by several threads. */
final class Continuation implements AutoCloseable {
    private final SampleMaker maker;
    private final long[] tokens;
    private final FloatBuffer embeddings;
    private final int hidden, begun;
    private final DecodingRun run;
    private int length;

    /** @param room most tokens that follow */
    Continuation(OrtSession session, DecoderInputs inputs, SampleMaker maker, Rows text, int room) {
        this.maker = maker;
        hidden = text.hidden();
        begun = text.tokens().length;
        tokens = Arrays.copyOf(text.tokens(), begun + room);
        embeddings = FloatBuffer.allocate(tokens.length * hidden).put(0, text.embeddings(), 0, begun * hidden);
        length = begun;
        run = new DecodingRun(session, inputs, tokens, embeddings, hidden);
    }

    /** Logits of the token that comes next (vocabulary). */
    float[] logits() throws OrtException {
        int count = length - run.length();
        FloatBuffer rows = run.next(count);
        float[] last = new float[rows.remaining() / count];
        rows.get(rows.position() + (count - 1) * last.length, last);
        return last;
    }

    /** Decides which token comes next. */
    void append(long token) throws OrtException {
        Rows row = maker.row(token);
        tokens[length] = token;
        embeddings.put(length * hidden, row.embeddings(), 0, hidden);
        length++;
    }

    /** Tokens that have followed. */
    long[] following() {
        return Arrays.copyOfRange(tokens, begun, length);
    }

    /** Whether another one may follow. */
    boolean hasRoom() {
        return length < tokens.length;
    }

    @Override
    public void close() {
        run.close();
    }
}
