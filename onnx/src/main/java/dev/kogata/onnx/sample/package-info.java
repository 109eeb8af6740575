/** Conversations prepared for one model: tokens, embeddings, answer positions, and the dense model's logits there. */
package dev.kogata.onnx.sample;
