package dev.kogata.onnx.measure;

import dev.kogata.core.quality.FeatureQuality;
import dev.kogata.core.quality.Quality;
import java.util.Map;

/**
 * What one fresh process found out about one bundle.
 *
 * @param peakResidentBytes peak resident memory of the process after loading all parts, prefilling and decoding; Java's own
 *     part (some 60 MB) is in it
 * @param cacheBytes bytes of all cache tensors after the prompt and the decoded tokens
 * @param cacheTokens tokens in the cache at that moment
 * @param prefillSeconds median seconds of prefilling the prompt
 * @param promptTokens tokens of the prompt
 * @param decodeSecondsPerToken median seconds of one decoder step of one token
 * @param decodeTokens tokens decoded
 * @param loadSeconds seconds to load all parts
 * @param threads threads that ONNX Runtime was given
 * @param stepAgainstPrefill largest difference of the logits between step-by-step decoding and prefill, relative to the largest logit
 * @param mostStepsAgainstPrefill the same, of nine tokens in ten: a number that rounds the other way now and then changes a few tokens only
 * @param qualities by name of the sample set that was asked for
 * @param pictureSeconds median seconds of an encoder's pass over one picture; 0 where a decoder was measured, whose fields are 0 here instead
 * @param featureQualities of an encoder alone, by name of the sample set
 */
public record Measurement(long peakResidentBytes, long cacheBytes, int cacheTokens, double prefillSeconds, int promptTokens,
                          double decodeSecondsPerToken, int decodeTokens, double loadSeconds, int threads, double stepAgainstPrefill, double mostStepsAgainstPrefill,
                          Map<String, Quality> qualities, double pictureSeconds, Map<String, FeatureQuality> featureQualities) {
    /** Float noise of nine tokens in ten. */
    static final double STEP_NOISE = 1e-3;
    /** At single tokens noise rounds a cached number the other way, which is no fault of the graph; the most seen is a hundredth of this. */
    static final double SINGLE_STEP = 0.1;

    /** Whether decoding step by step gives what prefill gives, noise apart. */
    public boolean stepsAgree() {
        return new StepsAgainstPrefill(stepAgainstPrefill, mostStepsAgainstPrefill).agree();
    }

    public Measurement {
        qualities = Map.copyOf(qualities);
        featureQualities = Map.copyOf(featureQualities);
    }
}
