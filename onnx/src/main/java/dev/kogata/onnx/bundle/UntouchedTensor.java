package dev.kogata.onnx.bundle;

/**
 * A tensor that stays as it is.
 *
 * @param name the tensor's name; for the many small constants of a graph one entry stands for all of a file
 * @param file the ONNX file, relative to the bundle
 * @param bytes its bytes
 * @param why why it is left alone, in a few words
 */
public record UntouchedTensor(String name, String file, long bytes, String why) {}
