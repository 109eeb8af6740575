package dev.kogata.onnx.score;

/** The dense model's logits on a set of samples. */
@FunctionalInterface
public interface Reference {

    /** Float32 logits (answers, vocabulary) of the sample with this index. */
    float[] logits(int sample);
}
