package dev.kogata.onnx.deliver;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.kogata.onnx.sample.Sample;
import dev.kogata.onnx.score.DecoderInputs;
import dev.kogata.onnx.score.PaddedBatch;
import dev.kogata.onnx.score.Sessions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Decodes samples in stock ONNX Runtime as a server does: a first piece, then the rest token by token on the growing caches;
 * padded on the left or on the right.
 */
final class Decoding {
    private final OrtEnvironment environment = Sessions.environment();
    private final OrtSession session;
    private final DecoderInputs inputs;
    private final boolean padLeft;

    Decoding(OrtSession session, boolean padLeft) throws OrtException {
        this(session, padLeft, 0);
    }

    /** @param headSize channels of a head, for graphs that leave it open */
    Decoding(OrtSession session, boolean padLeft, int headSize) throws OrtException {
        this.session = session;
        this.inputs = DecoderInputs.of(environment, session, headSize);
        this.padLeft = padLeft;
    }

    /** For each sample its logits (tokens, vocabulary), the first {@code first} positions of the padded batch in one pass. */
    List<float[][]> run(List<Sample> samples, int first) throws OrtException {
        int longest = samples.stream().mapToInt(Sample::length).max().orElseThrow();
        List<float[][]> logits = new ArrayList<>();
        samples.forEach(s -> logits.add(new float[s.length()][]));
        OrtSession.Result caches = null;
        for (int from = 0; from < longest; ) {
            int to = from == 0 ? first : from + 1;
            PaddedBatch piece = piece(samples, longest, from, to);
            Map<String, OnnxTensor> feed = caches == null ? inputs.prefill(piece) : inputs.step(piece, true);
            List<OnnxTensor> owned = List.copyOf(feed.values());
            if (caches != null) {
                for (String name : inputs.caches()) {
                    feed.put(name, (OnnxTensor) caches.get(name.replace("past_key_values", "present")).orElseThrow());
                }
            }
            OrtSession.Result result = session.run(feed);
            owned.forEach(OnnxTensor::close);
            if (caches != null) {
                caches.close();
            }
            caches = result;
            float[][][] values = (float[][][]) ((OnnxTensor) result.get("logits").orElseThrow()).getValue();
            for (int b = 0; b < samples.size(); b++) {
                int padding = padLeft ? longest - samples.get(b).length() : 0;
                for (int p = from; p < to; p++) {
                    if (p - padding >= 0 && p - padding < samples.get(b).length()) {
                        logits.get(b)[p - padding] = values[b][p - from];
                    }
                }
            }
            from = to;
        }
        caches.close();
        return logits;
    }

    private PaddedBatch piece(List<Sample> samples, int longest, int from, int to) {
        int size = samples.size();
        int length = to - from;
        int hidden = samples.get(0).hidden();
        FloatBuffer embeddings = direct(4 * size * length * hidden).asFloatBuffer();
        LongBuffer mask = direct(8 * size * to).asLongBuffer();
        LongBuffer positions = direct(8 * size * length).asLongBuffer();
        LongBuffer tokens = direct(8 * size * length).asLongBuffer();
        for (int b = 0; b < size; b++) {
            Sample sample = samples.get(b);
            int padding = padLeft ? longest - sample.length() : 0;
            for (int p = 0; p < to; p++) {
                int token = p - padding;
                boolean real = token >= 0 && token < sample.length();
                mask.put(b * to + p, real ? 1 : 0);
                if (p >= from) {
                    positions.put(b * length + p - from, Math.max(token, 0));
                    tokens.put(b * length + p - from, real ? sample.tokens()[token] : 0);
                    for (int h = 0; real && h < hidden; h++) {
                        embeddings.put((b * length + p - from) * hidden + h, sample.embeddings().get(token * hidden + h));
                    }
                }
            }
        }
        return new PaddedBatch(size, length, hidden, embeddings, tokens, mask, positions);
    }

    private static ByteBuffer direct(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }
}
