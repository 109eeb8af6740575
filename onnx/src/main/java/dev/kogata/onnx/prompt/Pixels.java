package dev.kogata.onnx.prompt;

/**
 * An image as a vision encoder takes it.
 *
 * @param values (channels, height, width)
 */
public record Pixels(float[] values, int channels, int height, int width) {
}
