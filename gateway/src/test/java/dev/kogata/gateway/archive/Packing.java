package dev.kogata.gateway.archive;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.zip.UnixStat;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;

/** Packs archives in memory, harmless and hostile ones. */
public final class Packing {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, "UTF-8");
    private final ByteArrayOutputStream zipBytes = new ByteArrayOutputStream();
    private final ZipArchiveOutputStream zip = new ZipArchiveOutputStream(zipBytes);

    public Packing() {
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    }

    /** A plain file in both. */
    public Packing file(String name, String content) {
        return file(name, content.getBytes(StandardCharsets.UTF_8));
    }

    public Packing file(String name, byte[] content) {
        TarArchiveEntry entry = new TarArchiveEntry(name, true);
        entry.setSize(content.length);
        add(entry, content);
        add(new ZipArchiveEntry(name), content);
        return this;
    }

    /** A link, device or the like: a type of tar entry, and the type bits of a Unix mode in zip. */
    public Packing special(String name, byte tarType, int unixType) {
        TarArchiveEntry entry = new TarArchiveEntry(name, tarType);
        entry.setLinkName("/etc/passwd");
        add(entry, new byte[0]);
        ZipArchiveEntry zipped = new ZipArchiveEntry(name);
        zipped.setUnixMode(unixType | 0777);
        add(zipped, "/etc/passwd".getBytes(StandardCharsets.UTF_8));
        return this;
    }

    public Packing symbolicLink(String name) {
        return special(name, TarArchiveEntry.LF_SYMLINK, UnixStat.LINK_FLAG);
    }

    private void add(TarArchiveEntry entry, byte[] content) {
        try {
            tar.putArchiveEntry(entry);
            tar.write(content);
            tar.closeArchiveEntry();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void add(ZipArchiveEntry entry, byte[] content) {
        try {
            zip.putArchiveEntry(entry);
            zip.write(content);
            zip.closeArchiveEntry();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public byte[] tar() {
        try {
            tar.close();
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public byte[] zip() {
        try {
            zip.close();
            return zipBytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static byte[] gzip(byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
