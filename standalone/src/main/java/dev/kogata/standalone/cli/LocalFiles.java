package dev.kogata.standalone.cli;

import dev.kogata.common.v1.Manifest;
import dev.kogata.common.v1.ManifestFile;
import dev.kogata.kit.artifact.Manifests;
import dev.kogata.kit.artifact.Sha256;
import dev.kogata.standalone.PlainWords;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.Collection;

/** Files on this machine as a gateway knows them: by the SHA-256 of their manifest, so that nothing is sent that is there already. */
final class LocalFiles {
    private LocalFiles() {}

    /** The SHA-256 of the manifest of these files, by their relative paths below a folder. */
    static String sha256(Path folder, Collection<String> paths) {
        Manifest.Builder manifest = Manifest.newBuilder();
        for (String path : paths) {
            Path file = folder.resolve(path);
            try (InputStream bytes = Files.newInputStream(file)) {
                manifest.addFiles(ManifestFile.newBuilder().setPath(path).setSizeBytes(Files.size(file)).setSha256(sha256(bytes)));
            } catch (IOException unreadable) {
                throw CommandFailure.refused("ARGUMENT_INVALID", "The file " + file + " cannot be read: " + PlainWords.of(unreadable) + ".");
            }
        }
        return Sha256.of(Manifests.canonical(manifest.build()));
    }

    private static String sha256(InputStream bytes) throws IOException {
        MessageDigest digest = Sha256.digest();
        bytes.transferTo(new DigestOutputStream(OutputStream.nullOutputStream(), digest));
        return Sha256.hex(digest.digest());
    }
}
