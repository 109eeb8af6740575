package dev.kogata.onnx.sparse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Relative paths of files of a folder, as text with forward slashes; whatever an untrusted file says, never outside it. */
final class BundlePath {
    private BundlePath() {
    }

    /** The path of {@code location}, which is relative to the folder of {@code file}. */
    static String beside(String file, String location) throws IOException {
        Path path = Path.of(plain(file)).resolveSibling(plain(location)).normalize();
        return plain(path.toString().replace('\\', '/'));
    }

    /** The path itself, where it is relative and stays inside. */
    static String plain(String path) throws IOException {
        boolean plain = !path.isEmpty() && !path.startsWith("/") && path.chars().noneMatch(c -> c < ' ' || c == '\\' || c == ':')
                && Stream.of(path.split("/", -1)).noneMatch(part -> part.isEmpty() || part.equals("..") || part.equals("."));
        if (!plain) {
            throw new IOException("a file is named by something that is not a plain relative path");
        }
        return path;
    }

    /** The regular file with that path. */
    static Path existing(Path folder, String path) throws IOException {
        Path file = folder.resolve(plain(path));
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || !file.toRealPath().startsWith(folder.toRealPath())) {
            throw new IOException(path + " is missing");
        }
        return file;
    }

    /** All regular files of a folder, relative, sorted. */
    static List<String> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
                    .map(file -> folder.relativize(file).toString().replace('\\', '/')).sorted().toList();
        }
    }
}
