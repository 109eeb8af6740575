package dev.kogata.gateway.result;

import dev.kogata.common.v1.ManifestFile;
import dev.kogata.kit.artifact.ArtifactStore;
import dev.kogata.kit.artifact.Sha256;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Supplier;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * Files of a result as one tar, which exists nowhere: it is made while it is read, from any byte on. The same files give the same bytes, so that a
 * download that broke off goes on where it was. Immutable.
 */
final class ResultTar implements Download {
    private static final int RECORD = 512;

    /** A piece of the tar: a header or padding that is at hand, or a file in the store. */
    private record Part(byte[] made, ManifestFile file) {
        long size() {
            return file == null ? made.length : file.getSizeBytes();
        }
    }

    private final ArtifactStore store;
    private final List<Part> parts = new ArrayList<>();
    private final String tag;

    ResultTar(ArtifactStore store, List<ManifestFile> files) {
        this.store = store;
        StringBuilder names = new StringBuilder();
        for (ManifestFile file : files) {
            parts.add(new Part(header(file), null));
            parts.add(new Part(null, file));
            parts.add(new Part(new byte[(int) (-file.getSizeBytes() & RECORD - 1)], null));
            names.append(file.getSha256()).append(' ').append(file.getPath()).append('\n');
        }
        parts.add(new Part(new byte[2 * RECORD], null));
        tag = Sha256.of(names.toString().getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public long size() {
        return parts.stream().mapToLong(Part::size).sum();
    }

    @Override
    public String tag() {
        return tag;
    }

    @Override
    public String mediaType() {
        return "application/x-tar";
    }

    @Override
    public InputStream open() {
        return open(0, size());
    }

    /** Each file is opened when its turn comes. One that is read whole is checked against its SHA-256. */
    @Override
    public InputStream open(long first, long length) {
        List<Supplier<InputStream>> opened = new ArrayList<>();
        long at = 0;
        for (Part part : parts) {
            long from = Math.max(0, first - at);
            long count = Math.min(part.size(), first + length - at) - from;
            if (count > 0) {
                opened.add(() -> open(part, from, count));
            }
            at += part.size();
        }
        return new CompleteBytes(new InTurn(opened.iterator()), length);
    }

    private InputStream open(Part part, long from, long count) {
        if (part.file() == null) {
            return new ByteArrayInputStream(part.made(), (int) from, (int) count);
        }
        String sha256 = part.file().getSha256();
        return new CompleteBytes(count == part.size() ? store.open(sha256) : store.open(sha256, from, count), count);
    }

    private static byte[] header(ManifestFile file) {
        ByteArrayOutputStream made = new ByteArrayOutputStream();
        // Never closed: that would ask for the file's bytes. It holds nothing but memory.
        TarArchiveOutputStream tar = new TarArchiveOutputStream(made, StandardCharsets.UTF_8.name());
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
        tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
        tar.setAddPaxHeadersForNonAsciiNames(true);
        TarArchiveEntry entry = new TarArchiveEntry(file.getPath());
        entry.setSize(file.getSizeBytes());
        entry.setModTime(0);
        try {
            tar.putArchiveEntry(entry);
            tar.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("Memory cannot fail", e);
        }
        return made.toByteArray();
    }

    /** Streams one after the other, each opened when its turn comes. The JDK's own opens all that are left when it is closed. */
    private static final class InTurn extends InputStream {
        private final Iterator<Supplier<InputStream>> next;
        private InputStream current = InputStream.nullInputStream();

        InTurn(Iterator<Supplier<InputStream>> next) {
            this.next = next;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int count = current.read(bytes, offset, length);
            while (count < 0 && next.hasNext()) {
                current.close();
                current = next.next().get();
                count = current.read(bytes, offset, length);
            }
            return count;
        }

        @Override
        public void close() throws IOException {
            current.close();
        }
    }
}
