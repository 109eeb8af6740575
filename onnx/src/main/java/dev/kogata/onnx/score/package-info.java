/** Scoring: any source of logits, on a set of samples, against the dense model's logits. */
package dev.kogata.onnx.score;
