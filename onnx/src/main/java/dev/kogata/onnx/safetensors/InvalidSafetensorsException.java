package dev.kogata.onnx.safetensors;

import java.io.IOException;

/** A file that is no well-formed safetensors file, or lacks a tensor; the message says what is wrong, in one clause. */
public final class InvalidSafetensorsException extends IOException {
    public InvalidSafetensorsException(String message) {
        super(message);
    }
}
