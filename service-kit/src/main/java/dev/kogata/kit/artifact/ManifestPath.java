package dev.kogata.kit.artifact;

import dev.kogata.kit.error.KogataException;
import java.util.stream.Collectors;

/** Paths inside a manifest or an upload: relative, with {@code /}, and never a way out of the folder. */
public final class ManifestPath {
    /** Longest path, in characters. */
    public static final int LONGEST = 1024;

    private ManifestPath() {}

    /** {@code path}, if it may name a file below a folder; {@code ARGUMENT_INVALID} otherwise. */
    public static String checked(String path) {
        if (path.isEmpty() || path.length() > LONGEST) {
            throw refused(path, "it is empty or longer than " + LONGEST + " characters");
        }
        if (path.indexOf('\\') >= 0 || path.indexOf(':') >= 0) {
            throw refused(path, "it has a backslash or a colon");
        }
        if (path.chars().anyMatch(c -> Character.isISOControl(c) || isDirectional(c))
                || path.codePoints().anyMatch(c -> Character.getType(c) == Character.SURROGATE)) {
            throw refused(path, "it has control characters");
        }
        for (String part : path.split("/", -1)) {
            if (part.isEmpty()) {
                throw refused(path, "it is absolute or has an empty part");
            }
            if (part.equals(".") || part.equals("..")) {
                throw refused(path, "it has the part '" + part + "'");
            }
            if (part.length() > 255) {
                throw refused(path, "one of its parts is longer than 255 characters");
            }
        }
        return path;
    }

    /** Characters that make a name look like another one. */
    private static boolean isDirectional(int c) {
        return c >= 0x202a && c <= 0x202e || c >= 0x2066 && c <= 0x2069 || c == 0x200e || c == 0x200f;
    }

    private static KogataException refused(String path, String why) {
        String shown = path.codePoints().limit(200).mapToObj(c -> Character.isISOControl(c) || isDirectional(c) ? "?" : Character.toString(c))
                .collect(Collectors.joining());
        return KogataException.invalid("path", "The path '" + shown + "' is not allowed: " + why + ".");
    }
}
