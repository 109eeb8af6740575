package dev.kogata.gateway.catalog;

import dev.kogata.common.v1.Artifact;
import dev.kogata.common.v1.Manifest;
import dev.kogata.kit.artifact.ArtifactStore;
import dev.kogata.kit.artifact.Artifacts;
import dev.kogata.kit.artifact.Manifests;
import dev.kogata.kit.artifact.Sha256;
import dev.kogata.kit.artifact.StorageError;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;

/** What one request brings into the store: kept as a whole, or taken back as a whole. Used by one thread. */
final class Delivery implements AutoCloseable {
    private final ArtifactStore store;
    private final HeldArtifacts held;
    private final Path folder;
    private final List<String> holds = new ArrayList<>();
    private boolean kept;

    /**
     * Opens a delivery.
     *
     * @param folder for bytes whose SHA-256 is not known yet
     */
    Delivery(ArtifactStore store, HeldArtifacts held, Path folder) {
        this.store = store;
        this.held = held;
        this.folder = folder;
    }

    /** Stores a stream. */
    Artifact add(InputStream bytes) throws IOException {
        Path file = Files.createTempFile(folder, "unpacked", ".part");
        try {
            MessageDigest digest = Sha256.digest();
            write(bytes, file, digest);
            String sha256 = Sha256.hex(digest.digest());
            return hold(sha256) ? Artifacts.of(sha256, Files.size(file), Artifacts.BYTES) : store.adopt(file, Artifacts.BYTES);
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private static void write(InputStream bytes, Path file, MessageDigest digest) {
        // Only the disk can fail here: the stream turns its own faults into refusals.
        try (OutputStream out = new DigestOutputStream(Files.newOutputStream(file), digest)) {
            bytes.transferTo(out);
        } catch (IOException e) {
            throw StorageError.of(e);
        }
    }

    /** Stores a copy of a file. */
    Artifact add(Path file) throws IOException {
        MessageDigest digest = Sha256.digest();
        try (InputStream in = Files.newInputStream(file)) {
            in.transferTo(new DigestOutputStream(OutputStream.nullOutputStream(), digest));
        }
        String sha256 = Sha256.hex(digest.digest());
        return hold(sha256) ? Artifacts.of(sha256, Files.size(file), Artifacts.BYTES) : store.put(file, Artifacts.BYTES);
    }

    /** Stores a manifest. */
    Artifact add(Manifest manifest) {
        hold(Sha256.of(Manifests.canonical(manifest)));
        return new Manifests(store).write(manifest);
    }

    private boolean hold(String sha256) {
        boolean there = held.hold(sha256);
        holds.add(sha256);
        return there;
    }

    /** From now on everything stays. */
    void keep() {
        kept = true;
    }

    @Override
    public void close() {
        holds.forEach(sha256 -> held.release(sha256, kept));
    }
}
