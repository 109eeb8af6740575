/** Writing what is delivered: a bundle in the layout of the original, with pruned weights and packed caches. */
package dev.kogata.onnx.deliver;
