package dev.kogata.gateway.archive;

import dev.kogata.gateway.problem.Refusal;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import org.apache.commons.compress.archivers.zip.UnixStat;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;

/** Unpacks zip by its directory, the one part of a zip that says which entries are links. */
final class ZipUnpacker {
    private ZipUnpacker() {}

    static void unpack(Path file, ArchiveLimits limits, Unpacking unpacking) throws IOException {
        try (SeekableByteChannel channel = Files.newByteChannel(file)) {
            ZipDirectory.check(channel, limits);
            try (ZipFile zip = open(channel)) {
                List<ZipArchiveEntry> entries = Collections.list(zip.getEntriesInPhysicalOrder());
                refuseOverlap(entries);
                for (ZipArchiveEntry entry : entries) {
                    take(zip, entry, unpacking);
                }
            }
        }
    }

    private static ZipFile open(SeekableByteChannel channel) {
        try {
            return ZipFile.builder().setSeekableByteChannel(channel).get();
        } catch (IOException | IllegalArgumentException e) {
            throw Archive.broken("");
        }
    }

    /** Entries that share bytes are how a small zip becomes a bomb without any nesting. */
    private static void refuseOverlap(List<ZipArchiveEntry> entries) {
        long end = 0;
        for (ZipArchiveEntry entry : entries) {
            if (entry.getLocalHeaderOffset() < end) {
                throw Refusal.archive(entry.getName(),
                    "The entry \"" + Refusal.printable(entry.getName()) + "\" overlaps the one before it.");
            }
            end = Math.max(entry.getDataOffset(), entry.getLocalHeaderOffset()) + entry.getCompressedSize();
        }
    }

    private static void take(ZipFile zip, ZipArchiveEntry entry, Unpacking unpacking) throws IOException {
        String name = entry.getName();
        unpacking.entry(name);
        int type = entry.getUnixMode() & UnixStat.FILE_TYPE_FLAG;
        if (type != 0 && type != UnixStat.FILE_FLAG && type != UnixStat.DIR_FLAG) {
            throw Unpacking.notPlain(name);
        }
        if (entry.isDirectory()) {
            unpacking.folder(name);
            return;
        }
        boolean known = entry.getMethod() == ZipEntry.STORED || entry.getMethod() == ZipEntry.DEFLATED;
        if (!known || entry.getGeneralPurposeBit().usesEncryption()) {
            throw Refusal.archive(name, "The entry \"" + Refusal.printable(name)
                + "\" is encrypted, or compressed in another way than deflate. Pack it with plain zip.");
        }
        CRC32 crc = new CRC32();
        try (InputStream bytes = open(zip, entry)) {
            long size = unpacking.file(name, new CheckedInputStream(bytes, crc));
            if (size != entry.getSize() || crc.getValue() != entry.getCrc()) {
                throw Archive.broken(name);
            }
        }
    }

    private static InputStream open(ZipFile zip, ZipArchiveEntry entry) {
        try {
            InputStream bytes = zip.getInputStream(entry);
            if (bytes == null) {
                throw Archive.broken(entry.getName());
            }
            return bytes;
        } catch (IOException | IllegalArgumentException e) {
            throw Archive.broken(entry.getName());
        }
    }
}
