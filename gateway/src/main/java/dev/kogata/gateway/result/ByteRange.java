package dev.kogata.gateway.result;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One range of bytes of a file (RFC 9110, section 14). Immutable.
 *
 * @param first number of the first byte, from 0
 * @param last number of the last byte, at least {@code first}
 */
public record ByteRange(long first, long last) {
    private static final Pattern ONE_RANGE = Pattern.compile("bytes=\\s*(\\d{0,18})-(\\d{0,18})\\s*");

    /** What a Range header asks of a file. */
    public sealed interface Wanted permits Whole, Part, Unsatisfiable {}

    /** The whole file: no header, one that is not understood, or several ranges at once. */
    public record Whole() implements Wanted {}

    /** One part of it. */
    public record Part(ByteRange range) implements Wanted {}

    /** Nothing that the file has. */
    public record Unsatisfiable() implements Wanted {}

    /** Reads a Range header for a file of {@code length} bytes; null counts as none. */
    public static Wanted parse(String header, long length) {
        Optional<Matcher> matched = Optional.ofNullable(header).map(ONE_RANGE::matcher).filter(Matcher::matches);
        if (matched.isEmpty()) {
            return new Whole();
        }
        String from = matched.get().group(1);
        String to = matched.get().group(2);
        if (from.isEmpty()) {
            return to.isEmpty() ? new Whole() : suffix(Long.parseLong(to), length);
        }
        long first = Long.parseLong(from);
        long last = to.isEmpty() ? Long.MAX_VALUE : Long.parseLong(to);
        if (last < first) {
            return new Whole();
        }
        return first >= length ? new Unsatisfiable() : new Part(new ByteRange(first, Math.min(last, length - 1)));
    }

    private static Wanted suffix(long count, long length) {
        return count == 0 || length == 0 ? new Unsatisfiable() : new Part(new ByteRange(Math.max(0, length - count), length - 1));
    }

    /** Bytes in the range. */
    public long length() {
        return last - first + 1;
    }

    /** For the Content-Range header. */
    public String contentRange(long length) {
        return "bytes " + first + "-" + last + "/" + length;
    }
}
