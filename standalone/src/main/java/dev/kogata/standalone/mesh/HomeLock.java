package dev.kogata.standalone.mesh;

import dev.kogata.standalone.PlainWords;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The right to use a home folder, held by one process at a time. The kernel frees it when that process dies, so no
 * stale lock is ever left.
 */
final class HomeLock implements AutoCloseable {
    private final FileChannel channel;
    private final FileLock lock;

    private HomeLock(FileChannel channel, FileLock lock) {
        this.channel = channel;
        this.lock = lock;
    }

    /** Takes the lock, or refuses when another process holds it. */
    static HomeLock take(Path home) {
        FileChannel channel = null;
        try {
            Files.createDirectories(home);
            channel = FileChannel.open(home.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return new HomeLock(channel, lock);
            }
            channel.close();
        } catch (OverlappingFileLockException held) {
            closeQuietly(channel);
        } catch (IOException unusable) {
            closeQuietly(channel);
            throw MeshFailure.refused("ARGUMENT_INVALID",
                    "The home folder " + home + " cannot be used (" + PlainWords.of(unusable) + "): choose another one with --home.");
        }
        throw MeshFailure.refused("STATE_WRONG", "Another Kogata already runs on the home folder " + home
                + ": stop it, or choose another folder with --home.");
    }

    @Override
    public void close() {
        try (channel) {
            lock.release();
        } catch (IOException gone) {
            // The kernel frees it with the process.
        }
    }

    private static void closeQuietly(FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException ignored) {
            // Nothing was written.
        }
    }
}
