package dev.kogata.onnx.score;

/** What the dense model gives on a set of samples: a decoder logits, an encoder alone features. */
@FunctionalInterface
public interface Reference {

    /** Float32 logits (answers, vocabulary), or features, of the sample with this index. */
    float[] of(int sample);
}
