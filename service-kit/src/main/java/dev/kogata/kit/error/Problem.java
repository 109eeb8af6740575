package dev.kogata.kit.error;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * An error as REST answers it: the members of an RFC 9457 {@code application/problem+json} document.
 *
 * @param type URI of the kind of problem, one per reason
 * @param title the same for every problem of the type
 * @param status HTTP status
 * @param detail what was wrong this time and what to do
 * @param reason name of the {@code Reason}, the same as in gRPC
 * @param metadata everything dynamic in the detail, sorted by name
 */
public record Problem(String type, String title, int status, String detail, String reason, Map<String, String> metadata) {
    /** Content type of the document. */
    public static final String MEDIA_TYPE = "application/problem+json";

    /** The problem document of an error. */
    public static Problem of(KogataException error) {
        String slug = error.reason().name().toLowerCase(Locale.ROOT).replace('_', '-');
        return new Problem("https://kogata.dev/problems/" + slug, error.code().title(), error.code().http(),
                error.getMessage(), error.reason().name(), new TreeMap<>(error.metadata()));
    }
}
