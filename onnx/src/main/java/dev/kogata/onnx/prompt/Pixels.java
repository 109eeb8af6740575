package dev.kogata.onnx.prompt;

import java.nio.FloatBuffer;

/**
 * An image as a vision encoder takes it. Nobody moves the position of {@code values} itself.
 *
 * @param values (channels, height, width), position 0; may be mapped from a file
 */
public record Pixels(FloatBuffer values, int channels, int height, int width) {
}
