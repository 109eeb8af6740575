package dev.kogata.onnx.measure;

import java.util.ArrayList;
import java.util.List;

/**
 * What to measure. Files by name, so that it can be handed to another process as JSON.
 *
 * @param parts ONNX files of the parts beside the decoder, loaded because serving needs them in memory too
 * @param decoder the decoder's ONNX file; null to measure an encoder alone, which is the first of the parts
 * @param headSize channels of a head, for graphs whose cache inputs leave it open; else 0
 * @param threads threads for ONNX Runtime
 * @param prompt sample set whose longest sample is the prompt; without a decoder, the first one's picture is what is timed
 * @param promptTokens tokens of the prompt; 0 for the whole sample, repeated where it is shorter
 * @param decodeTokens tokens to decode after it
 * @param sets sample sets to measure quality on; may be none
 * @param seeing bundle whose vision encoder shows a decoder the pictures that samples hold; null where their features are fixed
 */
public record MeasureRequest(List<String> parts, String decoder, int headSize, int threads, String prompt, int promptTokens,
                             int decodeTokens, List<Set> sets, String seeing) {
    /** Tokens decoded before those that are timed. */
    public static final int WARM_UP_TOKENS = 2;

    public MeasureRequest {
        parts = List.copyOf(parts);
        sets = List.copyOf(sets);
    }

    /** A decoder that is given features which are fixed. */
    public MeasureRequest(List<String> parts, String decoder, int headSize, int threads, String prompt, int promptTokens, int decodeTokens, List<Set> sets) {
        this(parts, decoder, headSize, threads, prompt, promptTokens, decodeTokens, sets, null);
    }

    /** An encoder alone: what is timed is one picture. */
    public static MeasureRequest ofEncoder(String encoder, List<String> otherParts, int threads, String pictures, List<Set> sets) {
        List<String> parts = new ArrayList<>(List.of(encoder));
        parts.addAll(otherParts);
        return new MeasureRequest(parts, null, 0, threads, pictures, 0, 0, sets);
    }

    /**
     * One sample set.
     *
     * @param name under which its quality is returned
     * @param samples its file
     * @param reference the dense model's logits on it, or features
     */
    public record Set(String name, String samples, String reference) {}
}
