package dev.kogata.kit.artifact;

import dev.kogata.common.v1.Artifact;
import dev.kogata.common.v1.Reason;
import dev.kogata.kit.error.KogataException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * Immutable bytes by their SHA-256. A store never shows half an artifact: what has a name is whole and durable. The same
 * bytes are stored once. Thread-safe, and safe for several processes on one store.
 *
 * <p>All methods fail with a {@code KogataException}: {@code DISK_FULL} where there is no space,
 * {@code NOT_FOUND} where the artifact is not here, {@code ARTIFACT_DAMAGED} where its bytes are no longer what they
 * were, {@code UNAVAILABLE} where the store cannot be reached or written.
 */
public interface ArtifactStore {

    /** Stores all bytes of {@code bytes}, which the caller closes. */
    Artifact put(InputStream bytes, String mediaType);

    /** Stores a copy of a file. */
    default Artifact put(Path file, String mediaType) {
        try (InputStream bytes = Files.newInputStream(file)) {
            return put(bytes, mediaType);
        } catch (IOException e) {
            throw StorageError.of(e);
        }
    }

    /** Stores a file that the caller gives up: it is moved where that is possible, and gone afterwards. */
    Artifact adopt(Path file, String mediaType);

    /** All bytes; the stream fails with {@code ARTIFACT_DAMAGED} at its end if they are not those of the SHA-256. */
    InputStream open(String sha256);

    /** {@code length} bytes from {@code offset}, unchecked; fewer at the end of the artifact. */
    InputStream open(String sha256, long offset, long length);

    /**
     * Makes the artifact available as the file {@code target}, whose parent folder exists. The file may share its bytes
     * with the store: never write into it, replace it.
     */
    void materialise(String sha256, Path target);

    /** Length in bytes. */
    long size(String sha256);

    /** Whether the artifact is here. */
    boolean exists(String sha256);

    /** Removes the artifact; false where it was not here. */
    boolean delete(String sha256);

    /** Removes what interrupted writers left behind and has not been touched for {@code age}; returns how many files. */
    int sweep(Duration age);

    /** Stores bytes at hand. */
    default Artifact put(byte[] bytes, String mediaType) {
        return put(new ByteArrayInputStream(bytes), mediaType);
    }

    /** All bytes of a small artifact of at most {@code limit} bytes; a larger one is refused with {@code LIMIT_EXCEEDED}. */
    default byte[] bytes(String sha256, int limit) {
        long size = size(sha256);
        if (size > limit) {
            throw new KogataException(Reason.LIMIT_EXCEEDED, "The artifact " + sha256 + " has " + size + " bytes; at most " + limit + " are read here.",
                    Map.of("limit", Integer.toString(limit), "value", Long.toString(size)));
        }
        try (InputStream in = open(sha256)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw StorageError.of(e);
        }
    }
}
