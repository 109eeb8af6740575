package dev.kogata.gateway.archive;

import dev.kogata.gateway.problem.Refusal;
import java.io.IOException;
import java.io.InputStream;

/** What is the same for every kind of archive while one is unpacked: names, limits, counting. Not thread-safe. */
final class Unpacking {
    private final ArchiveLimits limits;
    private final FileSink sink;
    private final FileSet names = new FileSet();
    private long bytesLeft;
    private int entries;
    private int files;

    Unpacking(ArchiveLimits limits, long archiveBytes, FileSink sink) {
        this.limits = limits;
        this.sink = sink;
        this.bytesLeft = limits.bytesFor(archiveBytes);
    }

    /** Bytes that may still come out. */
    long bytesLeft() {
        return bytesLeft;
    }

    /** Called for every entry, whatever it is. */
    void entry(String name) {
        entries++;
        if (entries > limits.mostEntries()) {
            throw tooMany(limits);
        }
        if (name.isEmpty()) {
            throw Refusal.archive(name, "An entry of the archive has no name.");
        }
    }

    static RuntimeException tooMany(ArchiveLimits limits) {
        return Refusal.archive("", "The archive has more than " + limits.mostEntries() + " entries.");
    }

    /** Called for every folder: it holds nothing, but its name may still be an attempt to get out. */
    void folder(String name) {
        String bare = name.endsWith("/") ? name.substring(0, name.length() - 1) : name;
        if (!bare.equals(".") && !bare.isEmpty()) {
            EntryPath.parse(bare);
        }
    }

    /** Called for every plain file; returns how many bytes it had. */
    long file(String name, InputStream bytes) throws IOException {
        EntryPath path = EntryPath.parse(name);
        try (EntryInputStream entry = new EntryInputStream(bytes, name, bytesLeft)) {
            if (!path.isLitter()) {
                names.add(path);
                files++;
                sink.accept(path, entry);
            }
            entry.drain();
            bytesLeft -= entry.count();
            return entry.count();
        }
    }

    static RuntimeException notPlain(String name) {
        String shown = Refusal.printable(name);
        return Refusal.archive(name, "\"" + shown + "\" is a link, a device or another thing that is neither file nor folder. "
            + "Pack the files themselves, e.g. with tar --dereference --hard-dereference.");
    }

    void finish() {
        if (files == 0) {
            throw Refusal.archive("", "The archive holds no file.");
        }
    }
}
