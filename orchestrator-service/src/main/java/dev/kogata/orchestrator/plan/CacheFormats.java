package dev.kogata.orchestrator.plan;

import dev.kogata.common.v1.CacheFormat;
import java.util.Arrays;
import java.util.List;

/** Which formats a plan may give a layer's cache, as a job's request names them. As is is always allowed. */
public enum CacheFormats {
    /** Scale and minimum beside every token; ordinary operators. */
    PORTABLE("portable", List.of(CacheFormat.PORTABLE)),
    /** GroupQueryAttention's own integers; a layer that cannot be converted stays as it is. */
    NATIVE("native", List.of(CacheFormat.NATIVE)),
    /** Either, by layer: a pair of widths that both have takes the one of fewer bytes. */
    ANY("any", List.of(CacheFormat.PORTABLE, CacheFormat.NATIVE));

    private final String word;
    private final List<CacheFormat> formats;

    CacheFormats(String word, List<CacheFormat> formats) {
        this.word = word;
        this.formats = formats;
    }

    /** The formats of a request that was accepted. */
    public static CacheFormats of(String word) {
        return Arrays.stream(values()).filter(f -> f.word.equals(word)).findFirst().orElseThrow(() -> new IllegalStateException("a job was accepted with the format " + word));
    }

    /** What a request can say. */
    public static List<String> words() {
        return Arrays.stream(values()).map(f -> f.word).toList();
    }

    /** As other services take them. */
    public List<CacheFormat> formats() {
        return formats;
    }

    boolean portable() {
        return formats.contains(CacheFormat.PORTABLE);
    }

    boolean isNative() {
        return formats.contains(CacheFormat.NATIVE);
    }
}
