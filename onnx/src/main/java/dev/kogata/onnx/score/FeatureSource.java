package dev.kogata.onnx.score;

import dev.kogata.onnx.prompt.Pixels;

/** A vision encoder: the stock one of a bundle, or the elastic one with a plan set. The same picture must always give the same features. */
@FunctionalInterface
public interface FeatureSource {

    /** The graph's first output for one picture, in float32, whatever its shape. */
    float[] features(Pixels picture);
}
