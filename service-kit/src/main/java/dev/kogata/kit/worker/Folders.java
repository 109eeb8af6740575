package dev.kogata.kit.worker;

import dev.kogata.kit.artifact.StorageError;
import dev.kogata.tasks.v1.Task;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A process's own folder below a shared one. A lock on a file in it lives as long as the process: folders whose lock is
 * free belong to nobody and are removed. What such a process was doing when it ended is read from there first.
 */
final class Folders implements AutoCloseable {
    private final Path own;
    private final FileChannel lock;
    private final List<Task> cutOff = new ArrayList<>();

    /** Removes what dead processes left in {@code shared}, and makes a new folder there. */
    Folders(Path shared) {
        try {
            Files.createDirectories(shared);
            try (Stream<Path> others = Files.list(shared)) {
                for (Path other : others.filter(Folders::isAbandoned).toList()) {
                    cutOff.addAll(begun(other));
                    delete(other);
                }
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

    /** The folder for what libraries unpack and leave behind where a process is killed. */
    Path temporary() {
        try {
            return Files.createDirectories(own.resolve("tmp"));
        } catch (IOException e) {
            throw StorageError.of(e);
        }
    }

    /** A new, empty folder for one task. */
    Path forTask() {
        try {
            return Files.createDirectories(own.resolve("task").resolve(UUID.randomUUID().toString()));
        } catch (IOException e) {
            throw StorageError.of(e);
        }
    }

    /** Tasks, by name and fence, that processes of this folder were doing when they ended without a word. */
    List<Task> cutOff() {
        return cutOff;
    }

    /** Writes down that a task is being done; the file goes when it is not any more. */
    Path begin(Task task) {
        try {
            Path file = Files.createDirectories(own.resolve("begun")).resolve(UUID.randomUUID().toString());
            return Files.write(file, Task.newBuilder().setName(task.getName()).setFence(task.getFence()).build().toByteArray());
        } catch (IOException e) {
            throw StorageError.of(e);
        }
    }

    private static List<Task> begun(Path folder) {
        List<Task> tasks = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder.resolve("begun"))) {
            for (Path file : files) {
                tasks.add(Task.parseFrom(Files.readAllBytes(file)));
            }
        } catch (IOException | DirectoryIteratorException e) {
            // Nothing was begun, or it was not written whole: then the lease's end tells that the worker is gone.
            return tasks;
        }
        return tasks;
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
