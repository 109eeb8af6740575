package dev.kogata.onnx.bundle;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.FileVisitor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Lists the files of an untrusted folder. Links and special files are refused, since nothing outside may be read or copied. */
final class BundleFiles {

    private BundleFiles() {}

    /** All regular files, relative, with forward slashes, sorted; folders whose names begin with a dot are left out. */
    static List<String> list(Path root, ScanLimits limits) {
        List<String> files = new ArrayList<>();
        FileVisitor<Path> visitor = new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                boolean hidden = !folder.equals(root) && folder.getFileName().toString().startsWith(".");
                return hidden ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                String name = root.relativize(file).toString().replace('\\', '/');
                if (!attributes.isRegularFile()) {
                    throw Refusals.dataOutside("The bundle", name, "is no regular file");
                }
                files.add(name);
                if (files.size() > limits.files()) {
                    throw Refusals.tooLarge("The bundle", "files", files.size(), limits.files());
                }
                return FileVisitResult.CONTINUE;
            }
        };
        try {
            Files.walkFileTree(root, visitor);
        } catch (IOException e) {
            throw Refusals.layoutUnknown("The bundle's folder cannot be read. Check its permissions.");
        }
        Collections.sort(files);
        return List.copyOf(files);
    }
}
