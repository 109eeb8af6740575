package dev.kogata.gateway.upload;

import dev.kogata.gateway.problem.Refusal;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;

/**
 * What a PATCH says its bytes sum up to: the Upload-Checksum header of tus, algorithm and Base64 value. Immutable.
 *
 * @param algorithm as {@link MessageDigest} names it
 * @param expected the sum
 */
public record Checksum(String algorithm, byte[] expected) {
    // tus asks every server for sha1; sha256 is what Kogata's own clients send.
    private static final Map<String, String> ALGORITHMS = Map.of("sha1", "SHA-1", "sha256", "SHA-256");

    /** The names offered, for Tus-Checksum-Algorithm. */
    public static final String OFFERED = "sha256,sha1";

    /** Reads the header. */
    public static Checksum parse(String header) {
        String[] words = header.trim().split(" +");
        String algorithm = words.length == 2 ? ALGORITHMS.get(words[0]) : null;
        if (algorithm == null) {
            throw Refusal.argument("Upload-Checksum", "Upload-Checksum has to be one of " + OFFERED + " and a Base64 value.");
        }
        try {
            return new Checksum(algorithm, Base64.getDecoder().decode(words[1]));
        } catch (IllegalArgumentException e) {
            throw Refusal.argument("Upload-Checksum", "The value of Upload-Checksum is no Base64.");
        }
    }

    MessageDigest digest() {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java runtime has " + algorithm, e);
        }
    }

    boolean matches(MessageDigest digest) {
        return MessageDigest.isEqual(expected, digest.digest());
    }
}
