package dev.kogata.kit.artifact;

import dev.kogata.kit.error.KogataException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 as Kogata writes it: 64 lower-case hexadecimal digits. */
public final class Sha256 {
    private Sha256() {}

    /** Of bytes at hand. */
    public static String of(byte[] bytes) {
        return hex(digest().digest(bytes));
    }

    /** A fresh digest. */
    public static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** As text. */
    public static String hex(byte[] digest) {
        return HexFormat.of().formatHex(digest);
    }

    /** {@code text}, if it is a SHA-256; {@code ARGUMENT_INVALID} otherwise. */
    public static String checked(String text) {
        if (text.length() != 64 || !text.chars().allMatch(c -> c >= '0' && c <= '9' || c >= 'a' && c <= 'f')) {
            throw KogataException.invalid("sha256", "'" + text + "' is no SHA-256; 64 lower-case hexadecimal digits are needed.");
        }
        return text;
    }
}
