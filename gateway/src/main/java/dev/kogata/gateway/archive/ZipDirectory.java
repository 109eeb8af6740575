package dev.kogata.gateway.archive;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;

/**
 * Looks at how long a zip's directory is before the library reads all of it into memory: a million entries in a few
 * megabytes would cost it most of a gigabyte. (PKWARE APPNOTE 4.3.14 to 4.3.16.)
 */
final class ZipDirectory {
    private static final int END = 0x06054b50;
    private static final int END_BYTES = 22;
    private static final int LOCATOR = 0x07064b50;
    private static final int LOCATOR_BYTES = 20;
    private static final int END_64 = 0x06064b50;
    private static final int END_64_BYTES = 56;
    private static final long IN_END_64 = 0xFFFFFFFFL;
    // Fixed part, a long name and some extra fields; bundles stay far below.
    private static final long BYTES_OF_AN_ENTRY = 512;

    private ZipDirectory() {}

    static void check(SeekableByteChannel zip, ArchiveLimits limits) throws IOException {
        long size = zip.size();
        int tailBytes = (int) Math.min(size, END_BYTES + 0xFFFF);
        ByteBuffer tail = read(zip, size - tailBytes, tailBytes);
        int at = tailBytes - END_BYTES;
        while (at >= 0 && tail.getInt(at) != END) {
            at--;
        }
        if (at < 0) {
            throw Archive.broken("");
        }
        long end = size - tailBytes + at;
        long start = Integer.toUnsignedLong(tail.getInt(at + 16));
        if (start == IN_END_64 && at >= LOCATOR_BYTES && tail.getInt(at - LOCATOR_BYTES) == LOCATOR) {
            start = start64(zip, tail.getLong(at - LOCATOR_BYTES + 8), size);
        }
        if (start < 0 || start > end) {
            throw Archive.broken("");
        }
        if (end - start > limits.mostEntries() * BYTES_OF_AN_ENTRY) {
            throw Unpacking.tooMany(limits);
        }
    }

    private static long start64(SeekableByteChannel zip, long position, long size) throws IOException {
        if (position < 0 || position > size - END_64_BYTES) {
            throw Archive.broken("");
        }
        ByteBuffer end = read(zip, position, END_64_BYTES);
        if (end.getInt(0) != END_64) {
            throw Archive.broken("");
        }
        return end.getLong(48);
    }

    private static ByteBuffer read(SeekableByteChannel zip, long position, int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        zip.position(position);
        while (bytes.hasRemaining()) {
            if (zip.read(bytes) < 0) {
                throw Archive.broken("");
            }
        }
        return bytes.flip();
    }
}
