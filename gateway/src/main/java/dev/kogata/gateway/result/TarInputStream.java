package dev.kogata.gateway.result;

import dev.kogata.common.v1.ManifestFile;
import dev.kogata.kit.artifact.ArtifactStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Iterator;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Files of a result as one tar, made while it is read. The same files give the same bytes. Not thread-safe. */
final class TarInputStream extends InputStream {
    private static final int BYTES = 128 * 1024;

    private final ArtifactStore store;
    private final Iterator<ManifestFile> files;
    private final ByteArrayOutputStream made = new ByteArrayOutputStream(2 * BYTES);
    private final TarArchiveOutputStream tar = new TarArchiveOutputStream(made, "UTF-8");
    private byte[] ready = {};
    private int next;
    private InputStream current;
    private boolean finished;

    TarInputStream(ArtifactStore store, List<ManifestFile> files) {
        this.store = store;
        this.files = files.iterator();
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
        tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
        tar.setAddPaxHeadersForNonAsciiNames(true);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (next == ready.length) {
            if (finished) {
                return -1;
            }
            step();
            ready = made.toByteArray();
            made.reset();
            next = 0;
        }
        int count = Math.min(length, ready.length - next);
        System.arraycopy(ready, next, buffer, offset, count);
        next += count;
        return count;
    }

    /** Makes some more of the tar: a header, a piece of a file, or the end. */
    private void step() throws IOException {
        if (current != null) {
            byte[] piece = current.readNBytes(BYTES);
            tar.write(piece);
            if (piece.length < BYTES) {
                tar.closeArchiveEntry();
                current.close();
                current = null;
            }
        } else if (files.hasNext()) {
            ManifestFile file = files.next();
            TarArchiveEntry entry = new TarArchiveEntry(file.getPath());
            entry.setSize(file.getSizeBytes());
            entry.setModTime(0);
            current = store.open(file.getSha256());
            tar.putArchiveEntry(entry);
        } else {
            tar.finish();
            finished = true;
        }
    }

    @Override
    public void close() throws IOException {
        // The tar itself has nothing to close: closing it would finish it, and a broken-off one must not look whole.
        if (current != null) {
            current.close();
        }
    }
}
