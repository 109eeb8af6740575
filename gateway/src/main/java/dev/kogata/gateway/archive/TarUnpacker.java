package dev.kogata.gateway.archive;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/** Unpacks tar, gzipped or not. */
final class TarUnpacker {
    private static final int BUFFER = 128 * 1024;
    // Names and pax records of one entry. The library would take as many as come.
    private static final long MOST_HEADER_BYTES = 1 << 20;

    private TarUnpacker() {}

    static void unpack(Path file, boolean gzipped, Unpacking unpacking) throws IOException {
        try (InputStream raw = new BufferedInputStream(Files.newInputStream(file), BUFFER);
            MeteredInputStream metered = new MeteredInputStream(gzipped ? gunzip(raw) : raw);
            TarArchiveInputStream tar = new TarArchiveInputStream(metered, "UTF-8")) {
            String last = "";
            for (TarArchiveEntry entry = next(tar, metered, last); entry != null; entry = next(tar, metered, last)) {
                last = entry.getName();
                take(tar, entry, metered, unpacking);
            }
            rest(metered, unpacking, last);
        }
    }

    private static InputStream gunzip(InputStream raw) {
        try {
            return GzipCompressorInputStream.builder().setInputStream(raw).setDecompressConcatenated(true).get();
        } catch (IOException e) {
            throw Archive.broken("");
        }
    }

    private static TarArchiveEntry next(TarArchiveInputStream tar, MeteredInputStream metered, String last) {
        metered.allow(MOST_HEADER_BYTES, "the header after \"" + last + "\"");
        try {
            return tar.getNextEntry();
        } catch (IOException | IllegalArgumentException e) {
            throw Archive.broken(last);
        }
    }

    private static void take(TarArchiveInputStream tar, TarArchiveEntry entry, MeteredInputStream metered, Unpacking unpacking)
        throws IOException {
        String name = entry.getName();
        unpacking.entry(name);
        if (entry.isDirectory()) {
            unpacking.folder(name);
            return;
        }
        boolean plain = entry.getLinkFlag() == TarArchiveEntry.LF_NORMAL || entry.getLinkFlag() == TarArchiveEntry.LF_OLDNORM;
        if (!plain || entry.isSparse() || !tar.canReadEntryData(entry)) {
            throw Unpacking.notPlain(name);
        }
        // The reader fetches whole records, so a few bytes more than the files themselves.
        metered.allow(unpacking.bytesLeft() + MOST_HEADER_BYTES, "\"" + name + "\"");
        unpacking.file(name, tar);
    }

    /** Reads to the end, so that a broken checksum or a tail of garbage does not pass. */
    private static void rest(MeteredInputStream metered, Unpacking unpacking, String last) throws IOException {
        metered.allow(unpacking.bytesLeft() + MOST_HEADER_BYTES, "the end of the archive");
        new EntryInputStream(metered, last, Long.MAX_VALUE).drain();
    }
}
