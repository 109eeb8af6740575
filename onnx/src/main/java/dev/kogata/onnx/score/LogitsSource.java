package dev.kogata.onnx.score;

import dev.kogata.onnx.sample.Sample;
import java.util.List;

/**
 * A decoder that answers teacher-forced: the stock decoder of a bundle, or the elastic one with a plan set. The same
 * batch must always give the same logits.
 */
public interface LogitsSource {

    /** Number of tokens that the logits tell apart. */
    int vocabulary();

    /**
     * Runs the samples as one batch, padded on the right to the longest.
     *
     * @return for each sample, in order, its float32 logits (answers, vocabulary) at its answer positions, in their order
     */
    List<float[]> answerLogits(List<Sample> batch);
}
