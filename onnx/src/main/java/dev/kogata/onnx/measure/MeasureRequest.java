package dev.kogata.onnx.measure;

import java.util.List;

/**
 * What to measure. Files by name, so that it can be handed to another process as JSON.
 *
 * @param parts ONNX files of the parts beside the decoder, loaded because serving needs them in memory too
 * @param decoder the decoder's ONNX file
 * @param headSize channels of a head, for graphs whose cache inputs leave it open; else 0
 * @param threads threads for ONNX Runtime
 * @param prompt sample set whose longest sample is the prompt
 * @param promptTokens tokens of the prompt; 0 for the whole sample, repeated where it is shorter
 * @param decodeTokens tokens to decode after it
 * @param sets sample sets to measure quality on; may be none
 */
public record MeasureRequest(List<String> parts, String decoder, int headSize, int threads, String prompt, int promptTokens,
                             int decodeTokens, List<Set> sets) {
    /** Tokens decoded before those that are timed. */
    public static final int WARM_UP_TOKENS = 2;

    public MeasureRequest {
        parts = List.copyOf(parts);
        sets = List.copyOf(sets);
    }

    /**
     * One sample set.
     *
     * @param name under which its quality is returned
     * @param samples its file
     * @param reference the dense model's logits on it
     */
    public record Set(String name, String samples, String reference) {}
}
