/** The safetensors file format: a JSON header, then plain little-endian tensors. */
package dev.kogata.onnx.safetensors;
