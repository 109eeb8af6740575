package dev.kogata.onnx.selfcalibration;

import java.util.function.LongPredicate;

/** How the next token is chosen. */
interface NextToken {

    /**
     * One of the tokens that may follow.
     *
     * @param logits (vocabulary)
     * @param allowed which tokens may be chosen; at least one
     */
    long of(float[] logits, LongPredicate allowed);
}
