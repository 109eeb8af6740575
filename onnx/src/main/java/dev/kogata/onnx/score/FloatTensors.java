package dev.kogata.onnx.score;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.platform.Fp16Conversions;
import dev.kogata.core.RefusedInput;
import java.nio.FloatBuffer;

/** Tensors from float32 values, in the type that a graph's input asks for. */
public final class FloatTensors {
    private FloatTensors() {
    }

    /**
     * @param input the input's name, for the message
     * @throws RefusedInput MODEL_UNSUPPORTED where the type is no float
     */
    public static OnnxTensor create(OrtEnvironment environment, OnnxJavaType type, String input, FloatBuffer values, long... shape) throws OrtException {
        return switch (type) {
            case FLOAT -> OnnxTensor.createTensor(environment, values, shape);
            case FLOAT16 -> OnnxTensor.createTensor(environment, Fp16Conversions.convertFloatBufferToFp16Buffer(values.duplicate()), shape, type);
            case BFLOAT16 -> OnnxTensor.createTensor(environment, Fp16Conversions.convertFloatBufferToBf16Buffer(values.duplicate()), shape, type);
            default -> throw new RefusedInput("MODEL_UNSUPPORTED", "The input " + input + " is of type " + type + "; float32, float16 or bfloat16 can be given.");
        };
    }
}
