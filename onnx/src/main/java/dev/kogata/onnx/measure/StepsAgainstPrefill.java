package dev.kogata.onnx.measure;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.kogata.onnx.sample.Sample;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * Whether a decoder that goes on from its cache token by token gives what it gives for the whole at once: the second half of a sample, by token
 * the largest difference of a logit, relative to the largest logit. Immutable.
 *
 * @param largest of all tokens
 * @param most of nine tokens in ten
 */
record StepsAgainstPrefill(double largest, double most) {

    /** Whether that is no more than float noise; a difference that is no number is more. */
    boolean agree() {
        return most <= Measurement.STEP_NOISE && largest <= Measurement.SINGLE_STEP;
    }

    static StepsAgainstPrefill of(OrtSession decoder, int headSize, Sample sample) throws OrtException {
        int half = sample.length() / 2;
        double scale = 0;
        double[] differences = new double[sample.length() - half];
        try (DecodingRun whole = DecodingRun.start(decoder, headSize, sample.tokens(), sample.embeddings(), sample.hidden());
                DecodingRun steps = DecodingRun.start(decoder, headSize, sample.tokens(), sample.embeddings(), sample.hidden())) {
            FloatBuffer expected = whole.next(sample.length());
            int vocabulary = expected.remaining() / sample.length();
            for (int i = 0; i < expected.remaining(); i++) {
                scale = Math.max(scale, Math.abs(expected.get(i)));
            }
            steps.next(half);
            for (int t = half; t < sample.length(); t++) {
                FloatBuffer actual = steps.next(1);
                for (int v = 0; v < vocabulary; v++) {
                    differences[t - half] = Math.max(differences[t - half], Math.abs(actual.get(v) - expected.get(t * vocabulary + v)));
                }
            }
        }
        Arrays.sort(differences);
        double unit = scale == 0 ? 1 : scale;
        return new StepsAgainstPrefill(differences[differences.length - 1] / unit, differences[9 * differences.length / 10] / unit);
    }
}
