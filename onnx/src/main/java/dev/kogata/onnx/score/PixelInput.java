package dev.kogata.onnx.score;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.kogata.core.RefusedInput;
import dev.kogata.onnx.prompt.Pixels;

/**
 * Where a vision encoder's graph takes its picture: the input named {@code pixel_values}, else its only one of four dimensions. Immutable.
 *
 * @param name of the input
 * @param info its type
 */
public record PixelInput(String name, TensorInfo info) {
    private static final String USUAL = "pixel_values";
    private static final int DIMENSIONS = 4;

    /** @throws RefusedInput MODEL_UNSUPPORTED where no input or more than one could be it */
    public static PixelInput of(OrtSession session) throws OrtException {
        PixelInput found = null;
        for (NodeInfo input : session.getInputInfo().values()) {
            if (input.getInfo() instanceof TensorInfo tensor && (input.getName().equals(USUAL) || tensor.getShape().length == DIMENSIONS)) {
                if (input.getName().equals(USUAL)) {
                    return new PixelInput(USUAL, tensor);
                }
                if (found != null) {
                    throw new RefusedInput("MODEL_UNSUPPORTED", "The vision encoder has more than one input that could be a picture, and none named pixel_values.");
                }
                found = new PixelInput(input.getName(), tensor);
            }
        }
        if (found == null) {
            throw new RefusedInput("MODEL_UNSUPPORTED", "The vision encoder has no input of four dimensions for a picture.");
        }
        return found;
    }

    /** One picture, as a batch of its own; the caller closes it. */
    public OnnxTensor tensor(Pixels pixels) throws OrtException {
        return FloatTensors.create(Sessions.environment(), info.type, name, pixels.values().duplicate(), 1, pixels.channels(), pixels.height(), pixels.width());
    }
}
