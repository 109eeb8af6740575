package dev.kogata.onnx.sparse;

/**
 * A weight that is to be stored by its nonzeros.
 *
 * @param file the ONNX file, relative to the bundle, with forward slashes
 * @param name the initializer's name
 */
public record SparseWeight(String file, String name) {
}
