package dev.kogata.gateway.archive;

import dev.kogata.gateway.problem.Refusal;
import dev.kogata.kit.error.KogataException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * An uploaded archive: tar, gzipped tar or zip, told apart by content, never by name. What it holds is not trusted: only
 * plain files and folders with harmless names come out, each name once, and never more than the limits. Not thread-safe.
 */
public final class Archive {
    private enum Kind { TAR, GZIPPED_TAR, ZIP }

    private final Path file;
    private final Kind kind;

    private Archive(Path file, Kind kind) {
        this.file = file;
        this.kind = kind;
    }

    /** The file as an archive; empty where it is none. */
    public static Optional<Archive> of(Path file) throws IOException {
        byte[] head;
        try (InputStream in = Files.newInputStream(file)) {
            head = in.readNBytes(262);
        }
        if (startsWith(head, 0, "PK\3\4") || startsWith(head, 0, "PK\5\6")) {
            return Optional.of(new Archive(file, Kind.ZIP));
        }
        if (startsWith(head, 257, "ustar")) {
            return Optional.of(new Archive(file, Kind.TAR));
        }
        if (head.length > 2 && (head[0] & 0xFF) == 0x1F && (head[1] & 0xFF) == 0x8B) {
            return Optional.of(new Archive(file, Kind.GZIPPED_TAR));
        }
        return Optional.empty();
    }

    private static boolean startsWith(byte[] head, int at, String text) {
        return head.length >= at + text.length() && new String(head, at, text.length(), StandardCharsets.ISO_8859_1).equals(text);
    }

    /**
     * Hands every file to the sink, in the archive's order.
     *
     * @throws KogataException ARCHIVE_INVALID; the sink may have got files before that
     * @throws IOException of the sink, or where the archive cannot be read from the disk
     */
    public void unpack(ArchiveLimits limits, FileSink sink) throws IOException {
        Unpacking unpacking = new Unpacking(limits, Files.size(file), sink);
        switch (kind) {
            case TAR -> TarUnpacker.unpack(file, false, unpacking);
            case GZIPPED_TAR -> TarUnpacker.unpack(file, true, unpacking);
            case ZIP -> ZipUnpacker.unpack(file, limits, unpacking);
        }
        unpacking.finish();
    }

    static KogataException broken(String entry) {
        return Refusal.archive(entry, "The archive is broken or cut off, at \"" + Refusal.printable(entry) + "\".");
    }
}
