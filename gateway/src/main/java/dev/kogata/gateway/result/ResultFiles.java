package dev.kogata.gateway.result;

import dev.kogata.common.v1.ManifestFile;
import dev.kogata.kit.artifact.ArtifactStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Files of results, as they lie in the artifact store. Thread-safe. */
public final class ResultFiles {
    private final ArtifactStore store;

    /** Files in a store. */
    public ResultFiles(ArtifactStore store) {
        this.store = store;
    }

    StoredFile file(ManifestFile file) {
        return new StoredFile(store, file);
    }

    /** Writes all files as one tar, made while it is sent. The same files give the same bytes. */
    void tar(List<ManifestFile> files, OutputStream out) throws IOException {
        TarArchiveOutputStream tar = new TarArchiveOutputStream(out, "UTF-8");
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
        tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
        tar.setAddPaxHeadersForNonAsciiNames(true);
        for (ManifestFile file : files) {
            TarArchiveEntry entry = new TarArchiveEntry(file.getPath());
            entry.setSize(file.getSizeBytes());
            entry.setModTime(0);
            tar.putArchiveEntry(entry);
            try (InputStream bytes = store.open(file.getSha256())) {
                StoredFile.copy(bytes, tar);
            }
            tar.closeArchiveEntry();
        }
        // Not in a finally: after an error the client has to see that the end is missing.
        tar.finish();
        tar.flush();
    }
}
