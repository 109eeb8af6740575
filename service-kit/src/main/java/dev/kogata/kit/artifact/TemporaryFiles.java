package dev.kogata.kit.artifact;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.stream.Stream;

/** Files in the making, in a folder of their own. */
final class TemporaryFiles {
    private TemporaryFiles() {}

    /** Removes those not written to since {@code limit}; returns how many. */
    static int sweep(Path folder, Instant limit) {
        int swept = 0;
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                try {
                    if (Files.getLastModifiedTime(file).toInstant().isBefore(limit) && Files.deleteIfExists(file)) {
                        swept++;
                    }
                } catch (NoSuchFileException gone) {
                    // Its writer has just finished.
                }
            }
        } catch (IOException e) {
            throw StorageError.of(e);
        }
        return swept;
    }

    /** Removes one after use. */
    static void discard(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // The sweep takes it later; the error that led here is the one to tell.
        }
    }

    /** SHA-256 of a whole file. */
    static String sha256(Path file) throws IOException {
        MessageDigest digest = Sha256.digest();
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return Sha256.hex(digest.digest());
    }
}
