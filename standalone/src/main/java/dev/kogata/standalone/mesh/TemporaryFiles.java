package dev.kogata.standalone.mesh;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;

/** Folders that may be thrown away. Symbolic links are removed, never followed. */
public final class TemporaryFiles {
    private TemporaryFiles() {}

    /** Removes everything in the folder, and keeps the folder. */
    static void empty(Path folder) throws IOException {
        remove(folder, folder);
    }

    /** Removes the folder and everything in it; nothing happens where there is none. */
    public static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            remove(folder, null);
        }
    }

    private static void remove(Path folder, Path kept) throws IOException {
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, IOException failed) throws IOException {
                if (failed != null) {
                    throw failed;
                }
                if (!directory.equals(kept)) {
                    Files.delete(directory);
                }
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
