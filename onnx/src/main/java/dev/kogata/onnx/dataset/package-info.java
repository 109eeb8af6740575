/** Conversations with pictures, as JSON lines: read, checked, and split into disjoint sets. */
package dev.kogata.onnx.dataset;
