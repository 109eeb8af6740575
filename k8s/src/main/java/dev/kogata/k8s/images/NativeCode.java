package dev.kogata.k8s.images;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.apache.commons.compress.archivers.zip.ZipFile;

/**
 * Machine code in jars. Libraries bring theirs for every system that they know; an image has one. What a file is for is told by its first bytes, not by
 * its name. Stateless.
 */
final class NativeCode {
    private static final int HEADER = 20;

    private NativeCode() {}

    /** Whether these first bytes are those of machine code, of any system. */
    static boolean is(byte[] head) {
        return starts(head, 0x7f, 'E', 'L', 'F') || starts(head, 'M', 'Z') || starts(head, 0xcf, 0xfa, 0xed, 0xfe) || starts(head, 0xce, 0xfa, 0xed, 0xfe)
                || starts(head, 0xfe, 0xed, 0xfa, 0xcf);
    }

    /** Whether it is machine code of Linux on this architecture (ELF, little end first). */
    static boolean isOf(byte[] head, Architecture architecture) {
        return starts(head, 0x7f, 'E', 'L', 'F') && head.length >= HEADER && ((head[18] & 0xff) | (head[19] & 0xff) << 8) == architecture.machine();
    }

    private static boolean starts(byte[] head, int... magic) {
        for (int i = 0; i < magic.length; i++) {
            if (i >= head.length || (head[i] & 0xff) != magic[i]) {
                return false;
            }
        }
        return true;
    }

    /** The jar itself where all machine code in it is this architecture's, else a copy in {@code folder} without the rest: the same bytes for the same jar. */
    static Path trimmed(Path jar, Architecture architecture, Path folder) throws IOException {
        try (ZipFile zip = ZipFile.builder().setPath(jar).get()) {
            List<ZipArchiveEntry> entries = Collections.list(zip.getEntriesInPhysicalOrder());
            Set<String> foreign = new HashSet<>();
            for (ZipArchiveEntry entry : entries) {
                // A class file has the magic number of Apple's fat binaries, which therefore are not looked for.
                if (!entry.isDirectory() && !entry.getName().endsWith(".class")) {
                    byte[] head = head(zip, entry);
                    if (is(head) && !isOf(head, architecture)) {
                        foreign.add(entry.getName());
                    }
                }
            }
            if (foreign.isEmpty()) {
                return jar;
            }
            List<ZipArchiveEntry> kept = new ArrayList<>(entries);
            kept.removeIf(entry -> foreign.contains(entry.getName()));
            return copy(zip, kept, Files.createDirectories(folder).resolve(jar.getFileName()));
        }
    }

    private static byte[] head(ZipFile zip, ZipArchiveEntry entry) throws IOException {
        try (InputStream in = new BufferedInputStream(zip.getInputStream(entry))) {
            return in.readNBytes(HEADER);
        }
    }

    /** As they are compressed already. */
    private static Path copy(ZipFile zip, List<ZipArchiveEntry> entries, Path target) throws IOException {
        Path part = target.resolveSibling(target.getFileName() + ".part");
        try (OutputStream out = Files.newOutputStream(part); ZipArchiveOutputStream copy = new ZipArchiveOutputStream(out)) {
            for (ZipArchiveEntry entry : entries) {
                copy.addRawArchiveEntry(entry, zip.getRawInputStream(entry));
            }
        }
        return Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
    }
}
