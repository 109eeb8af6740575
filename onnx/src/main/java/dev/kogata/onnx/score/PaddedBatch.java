package dev.kogata.onnx.score;

import dev.kogata.onnx.sample.Sample;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.List;

/**
 * Samples side by side, padded on the right to the longest. A causal decoder never looks at what comes later, so padding
 * changes nothing before it; graphs that count the mask's ones for a sequence's length (GroupQueryAttention) need it on
 * this side too. Buffers are direct, at position 0, and read by ONNX Runtime without a copy.
 *
 * @param size number of samples
 * @param length tokens of the longest
 * @param hidden width of an embedding; 0 where the samples have none
 * @param embeddings (size, length, hidden); zeros where padded
 * @param tokens (size, length); 0 where padded
 * @param mask (size, length): 1 for a token, 0 for padding
 * @param positions (size, length): 0, 1, 2, ...
 */
public record PaddedBatch(int size, int length, int hidden, FloatBuffer embeddings, LongBuffer tokens, LongBuffer mask, LongBuffer positions) {

    /** @param samples at least one, all of the same embedding width */
    public static PaddedBatch of(List<Sample> samples) {
        int size = samples.size(), hidden = samples.get(0).hidden();
        int length = samples.stream().mapToInt(Sample::length).max().orElseThrow();
        FloatBuffer embeddings = direct((long) size * length * hidden * Float.BYTES).asFloatBuffer();
        LongBuffer tokens = longs(size, length), mask = longs(size, length), positions = longs(size, length);
        for (int b = 0; b < size; b++) {
            Sample sample = samples.get(b);
            if (sample.hidden() != hidden) {
                throw new IllegalArgumentException("embeddings of %d and %d channels in one batch".formatted(hidden, sample.hidden()));
            }
            embeddings.put(b * length * hidden, sample.embeddings(), 0, sample.length() * hidden);
            tokens.put(b * length, sample.tokens());
            for (int t = 0; t < length; t++) {
                mask.put(b * length + t, t < sample.length() ? 1 : 0);
                positions.put(b * length + t, t);
            }
        }
        return new PaddedBatch(size, length, hidden, embeddings, tokens, mask, positions);
    }

    private static LongBuffer longs(int size, int length) {
        return direct((long) size * length * Long.BYTES).asLongBuffer();
    }

    private static ByteBuffer direct(long bytes) {
        return ByteBuffer.allocateDirect(Math.toIntExact(bytes)).order(ByteOrder.nativeOrder());
    }
}
