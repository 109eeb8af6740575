package dev.kogata.gateway.upload;

import dev.kogata.kit.artifact.Sha256;
import java.security.MessageDigest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * SHA-256 of uploads as far as they have come, so that bytes are hashed while they are at hand and not read again from the disk. Only a
 * shortcut: what is not known here, after a restart for instance, is read. Thread-safe; a digest belongs to the one writer of its upload.
 */
final class RunningDigests {
    private static final int MOST = 1000;

    /** How far a digest is. */
    record Running(MessageDigest digest, long bytes) {}

    private final Map<String, Running> known = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Running> eldest) {
            return size() > MOST;
        }
    };

    /** The digest of exactly so many bytes, which from now on is the caller's; empty where it has to be made by reading. */
    synchronized Optional<MessageDigest> take(String id, long bytes) {
        Running running = known.remove(id);
        if (running != null && running.bytes() == bytes) {
            return Optional.of(running.digest());
        }
        return bytes == 0 ? Optional.of(Sha256.digest()) : Optional.empty();
    }

    /** Keeps a digest of so many bytes. */
    synchronized void keep(String id, MessageDigest digest, long bytes) {
        known.put(id, new Running(digest, bytes));
    }
}
