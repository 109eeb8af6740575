package dev.kogata.gateway.problem;

import dev.kogata.common.v1.Reason;
import dev.kogata.kit.error.KogataException;
import java.util.Map;

/** Makes the refusals that several parts of the gateway share, so that each is worded once. */
public final class Refusal {
    private static final int MOST_SHOWN = 200;

    private Refusal() {}

    /** An argument that is missing, malformed or out of range. */
    public static KogataException argument(String field, String message) {
        return KogataException.invalid(printable(field), message);
    }

    /** An archive, or the name of a file, that is not allowed. */
    public static KogataException archive(String entry, String message) {
        return new KogataException(Reason.ARCHIVE_INVALID, message, Map.of("entry", printable(entry)));
    }

    /** A limit of the installation; {@code limit} is the name of its setting. */
    public static KogataException limit(String limit, long value, String message) {
        return new KogataException(Reason.LIMIT_EXCEEDED, message, Map.of("limit", limit, "value", Long.toString(value)));
    }

    /** Something that does not exist, or belongs to somebody else. */
    public static KogataException notFound(String name) {
        String shown = printable(name);
        return new KogataException(Reason.NOT_FOUND, "There is no " + shown + ".", Map.of("name", shown));
    }

    /** No space left; nothing that was acknowledged is lost. */
    public static KogataException diskFull() {
        return new KogataException(Reason.DISK_FULL, "The store has no space left; free some and try again.");
    }

    /** Text from outside, fit to stand in a message: short, and nothing in it that a terminal obeys. */
    public static String printable(String text) {
        String shown = text.length() <= MOST_SHOWN ? text : text.substring(0, MOST_SHOWN) + "...";
        return shown.replaceAll("\\p{C}", "?");
    }
}
