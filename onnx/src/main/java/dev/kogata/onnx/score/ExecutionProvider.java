package dev.kogata.onnx.score;

/** What ONNX Runtime runs graphs on, in its own words. */
public enum ExecutionProvider {
    /** Processors. */
    CPU,
    /** The first NVIDIA GPU; needs ONNX Runtime's build for it (Maven's profile {@code gpu}), CUDA and cuDNN. */
    CUDA
}
