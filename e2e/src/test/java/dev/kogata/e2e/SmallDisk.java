package dev.kogata.e2e;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A file system of its own, in memory, that fills up or becomes read-only when a test says so. Needs the right to mount. */
final class SmallDisk implements AutoCloseable {
    private static final String ROOM = "2g";
    private static final int PAGE = 4096;

    private final Path folder;

    private SmallDisk(Path folder) {
        this.folder = folder;
    }

    /** Mounts one on a folder, which is created; empty where this process may not mount. */
    static Optional<SmallDisk> mount(Path folder) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        return run("mount", "-t", "tmpfs", "-o", "size=" + ROOM, "kogata", folder.toString()) ? Optional.of(new SmallDisk(folder)) : Optional.empty();
    }

    /** From now on there is no room for another byte. */
    void fill() throws IOException, InterruptedException {
        // While others write and remove files, what is used grows and shrinks: it must be more than the new size allows, but no less.
        for (int i = 0; i < 100; i++) {
            FileStore store = Files.getFileStore(folder);
            if (remount("size=" + (store.getTotalSpace() - store.getUnallocatedSpace() + PAGE - 1) / PAGE * PAGE)) {
                return;
            }
        }
        throw new AssertionError("the disk at " + folder + " could not be filled");
    }

    /** From now on nothing can be written; false where somebody is writing just now and that cannot be. */
    boolean protect() throws IOException, InterruptedException {
        for (int i = 0; i < 100; i++) {
            if (remount("ro")) {
                return true;
            }
        }
        return false;
    }

    /** Writable again, and with room. */
    void mend() throws IOException, InterruptedException {
        if (!remount("rw,size=" + ROOM)) {
            throw new AssertionError("the disk at " + folder + " could not be mended");
        }
    }

    private boolean remount(String options) throws IOException, InterruptedException {
        return run("mount", "-o", "remount," + options, folder.toString());
    }

    private static boolean run(String... command) throws IOException, InterruptedException {
        try {
            return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor() == 0;
        } catch (IOException noSuchProgram) {
            return false;
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        if (!run("umount", folder.toString()) && !run("umount", "-l", folder.toString())) {
            throw new AssertionError("the disk at " + folder + " could not be unmounted");
        }
    }
}
