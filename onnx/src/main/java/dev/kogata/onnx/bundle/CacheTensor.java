package dev.kogata.onnx.bundle;

/**
 * Where one side of a layer's cache enters and leaves the decoder.
 *
 * @param input graph input, {@code [batch, heads, past, head size]}
 * @param output graph output, {@code [batch, heads, past + new, head size]}
 */
public record CacheTensor(String input, String output) {}
