package dev.kogata.kit.worker;

import dev.kogata.kit.artifact.StorageError;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A process's own folder below a shared one. A lock on a file in it lives as long as the process: folders whose lock is
 * free belong to nobody and are removed.
 */
final class Folders implements AutoCloseable {
    private final Path own;
    private final FileChannel lock;

    /** Removes what dead processes left in {@code shared}, and makes a new folder there. */
    Folders(Path shared) {
        try {
            Files.createDirectories(shared);
            try (Stream<Path> others = Files.list(shared)) {
                others.filter(Folders::isAbandoned).forEach(Folders::delete);
            }
            own = Files.createDirectory(shared.resolve(UUID.randomUUID().toString()));
            lock = FileChannel.open(own.resolve("lock"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            lock.lock();
        } catch (IOException e) {
            throw StorageError.of(e);
        }
    }

    /** The folder for materialised manifests. */
    Path cache() {
        return own.resolve("cache");
    }

    /** A new, empty folder for one task. */
    Path forTask() {
        try {
            return Files.createDirectories(own.resolve("task").resolve(UUID.randomUUID().toString()));
        } catch (IOException e) {
            throw StorageError.of(e);
        }
    }

    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException e) {
            // The process ends; the system closes it.
        }
        delete(own);
    }

    /** Removes a folder and all in it, links but not what they point to; nothing where it is gone. */
    static void delete(Path folder) {
        try {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.deleteIfExists(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                    if (e instanceof NoSuchFileException) {
                        return FileVisitResult.CONTINUE;
                    }
                    throw e;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path directory, IOException e) throws IOException {
                    Files.deleteIfExists(directory);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw StorageError.of(e);
        }
    }

    private static boolean isAbandoned(Path folder) {
        Path file = folder.resolve("lock");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE); FileLock free = channel.tryLock()) {
            return free != null;
        } catch (NoSuchFileException e) {
            // Just being made, or left in that moment; the next start finds it with or without its lock.
            return false;
        } catch (OverlappingFileLockException e) {
            return false;
        } catch (IOException e) {
            return false;
        }
    }
}
