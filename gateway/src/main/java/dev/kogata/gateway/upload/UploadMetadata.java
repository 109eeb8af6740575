package dev.kogata.gateway.upload;

import dev.kogata.gateway.archive.EntryPath;
import dev.kogata.gateway.problem.Refusal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The Upload-Metadata header of tus: pairs of a key and a Base64 value, separated by commas. Keys that Kogata does not
 * know are kept and given back. Immutable.
 *
 * @param header as it came
 * @param filename relative name of the file, or empty
 * @param sha256 64 lower-case hexadecimal digits, or empty
 */
public record UploadMetadata(String header, String filename, String sha256) {
    private static final int MOST_CHARACTERS = 8192;

    /** Reads the header; null counts as empty. */
    public static UploadMetadata parse(String header) {
        if (header == null || header.isBlank()) {
            return new UploadMetadata("", "", "");
        }
        if (header.length() > MOST_CHARACTERS) {
            throw Refusal.argument("Upload-Metadata", "Upload-Metadata is longer than " + MOST_CHARACTERS + " characters.");
        }
        Map<String, String> values = new HashMap<>();
        for (String pair : header.split(",")) {
            String[] words = pair.trim().split(" +");
            if (words.length > 2 || words[0].isEmpty()) {
                throw Refusal.argument("Upload-Metadata", "Upload-Metadata has to be pairs of a key and a Base64 value.");
            }
            if (values.put(words[0], words.length == 1 ? "" : decoded(words[0], words[1])) != null) {
                throw Refusal.argument("Upload-Metadata", "Upload-Metadata names \"" + Refusal.printable(words[0]) + "\" twice.");
            }
        }
        return new UploadMetadata(header, filename(values), sha256(values));
    }

    /** The same of a file name and a SHA-256, either of which may be empty. */
    public static UploadMetadata of(String filename, String sha256) {
        List<String> pairs = new ArrayList<>();
        if (!filename.isEmpty()) {
            pairs.add("filename " + Base64.getEncoder().encodeToString(filename.getBytes(StandardCharsets.UTF_8)));
        }
        if (!sha256.isEmpty()) {
            pairs.add("sha256 " + Base64.getEncoder().encodeToString(sha256.getBytes(StandardCharsets.UTF_8)));
        }
        return parse(String.join(",", pairs));
    }

    private static String filename(Map<String, String> values) {
        String filename = values.getOrDefault("filename", "");
        return filename.isEmpty() ? "" : EntryPath.parse(filename).toString();
    }

    private static String sha256(Map<String, String> values) {
        String sha256 = values.getOrDefault("sha256", "");
        if (!sha256.isEmpty() && !sha256.matches("[0-9a-f]{64}")) {
            throw Refusal.argument("Upload-Metadata", "sha256 in Upload-Metadata has to be 64 lower-case hexadecimal digits.");
        }
        return sha256;
    }

    private static String decoded(String key, String value) {
        try {
            byte[] bytes = Base64.getDecoder().decode(value);
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (IllegalArgumentException | CharacterCodingException e) {
            throw Refusal.argument("Upload-Metadata",
                "The value of \"" + Refusal.printable(key) + "\" in Upload-Metadata is no UTF-8 text in Base64.");
        }
    }
}
