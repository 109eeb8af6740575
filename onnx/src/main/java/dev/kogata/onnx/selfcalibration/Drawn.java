package dev.kogata.onnx.selfcalibration;

import java.util.function.LongPredicate;
import java.util.random.RandomGenerator;

/** A token drawn with the model's own probabilities, those that are not allowed left out. */
final class Drawn implements NextToken {
    private final RandomGenerator random;

    Drawn(RandomGenerator random) {
        this.random = random;
    }

    @Override
    public long of(float[] logits, LongPredicate allowed) {
        float largest = Float.NEGATIVE_INFINITY;
        for (int token = 0; token < logits.length; token++) {
            if (logits[token] > largest && allowed.test(token)) {
                largest = logits[token];
            }
        }
        double[] upTo = new double[logits.length];
        double sum = 0;
        int last = 0;
        for (int token = 0; token < logits.length; token++) {
            if (allowed.test(token)) {
                sum += Math.exp(logits[token] - largest);
                last = token;
            }
            upTo[token] = sum;
        }
        double point = random.nextDouble() * sum;
        for (int token = 0; token < last; token++) {
            if (point < upTo[token]) {
                return token;
            }
        }
        return last;
    }
}
