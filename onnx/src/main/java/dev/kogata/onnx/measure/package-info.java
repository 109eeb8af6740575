/** Memory, latency and quality of a bundle, measured in a fresh process running stock ONNX Runtime. */
package dev.kogata.onnx.measure;
