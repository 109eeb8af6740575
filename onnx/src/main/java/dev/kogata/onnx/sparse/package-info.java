/** A result at rest: pruned weights in the sparse-bitmask format, restored bit for bit, and recounted from the files alone. */
package dev.kogata.onnx.sparse;
