package dev.kogata.onnx.selfcalibration;

import java.util.function.LongPredicate;

/** The token with the largest logit, the first of equals. */
final class Likeliest implements NextToken {

    @Override
    public long of(float[] logits, LongPredicate allowed) {
        int best = -1;
        for (int token = 0; token < logits.length; token++) {
            if ((best < 0 || logits[token] > logits[best]) && allowed.test(token)) {
                best = token;
            }
        }
        return best;
    }
}
