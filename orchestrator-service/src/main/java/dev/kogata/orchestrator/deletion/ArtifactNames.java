package dev.kogata.orchestrator.deletion;

import dev.kogata.kit.artifact.ArtifactStore;
import dev.kogata.kit.artifact.Manifests;
import dev.kogata.kit.artifact.StorageError;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which artifacts stored bytes name, whatever messages they are: every run of 64 hexadecimal digits, and those that the artifacts
 * named there name in turn, if they are JSON, as manifests, plans and reports are. That may be more than is meant, and so keeps more than it has to; it is never
 * less, also of messages that this version does not know. Thread-safe.
 */
final class ArtifactNames {
    private static final Pattern SHA256 = Pattern.compile("(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])");

    private final ArtifactStore store;

    ArtifactNames(ArtifactStore store) {
        this.store = store;
    }

    /** Adds what is named to {@code known}, and what that names, unless it is there already. */
    void add(byte[] stored, Set<String> known) {
        Deque<byte[]> left = new ArrayDeque<>();
        left.add(stored);
        while (!left.isEmpty()) {
            for (String sha256 : in(left.remove())) {
                if (known.add(sha256)) {
                    left.add(json(sha256));
                }
            }
        }
    }

    /** Protobuf keeps the digits of a string as they are, and so does JSON. */
    private static Set<String> in(byte[] bytes) {
        Set<String> found = new HashSet<>();
        Matcher matcher = SHA256.matcher(new String(bytes, StandardCharsets.ISO_8859_1));
        while (matcher.find()) {
            found.add(matcher.group());
        }
        return found;
    }

    private byte[] json(String sha256) {
        if (!store.exists(sha256)) {
            return new byte[0];
        }
        long size = store.size(sha256);
        if (size == 0 || size > Manifests.LARGEST) {
            return new byte[0];
        }
        try (InputStream first = store.open(sha256, 0, 1)) {
            return first.read() == '{' ? store.bytes(sha256, Manifests.LARGEST) : new byte[0];
        } catch (IOException e) {
            throw StorageError.of(e);
        }
    }
}
