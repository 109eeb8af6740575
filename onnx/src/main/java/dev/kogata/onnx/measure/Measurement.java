package dev.kogata.onnx.measure;

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
 */
public record Measurement(long peakResidentBytes, long cacheBytes, int cacheTokens, double prefillSeconds, int promptTokens,
                          double decodeSecondsPerToken, int decodeTokens, double loadSeconds, int threads, double stepAgainstPrefill, double mostStepsAgainstPrefill,
                          Map<String, Quality> qualities) {
    public Measurement {
        qualities = Map.copyOf(qualities);
    }
}
