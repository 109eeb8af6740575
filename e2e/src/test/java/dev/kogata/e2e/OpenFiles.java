package dev.kogata.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** What a process has open or mapped, as Linux tells it. */
final class OpenFiles {
    private static final String REMOVED = " (deleted)";

    private OpenFiles() {}

    /** Files, also removed ones; no connections, pipes or memory. */
    static Set<Path> of(ProcessHandle process) throws IOException {
        Path it = Path.of("/proc", Long.toString(process.pid()));
        Set<Path> open = new TreeSet<>();
        try (Stream<Path> descriptors = Files.list(it.resolve("fd"))) {
            for (Path descriptor : descriptors.toList()) {
                try {
                    add(Files.readSymbolicLink(descriptor).toString(), open);
                } catch (NoSuchFileException closed) {
                    // Meanwhile.
                }
            }
        }
        for (String line : Files.readAllLines(it.resolve("maps"))) {
            add(line.substring(Math.max(0, line.indexOf('/'))), open);
        }
        return open;
    }

    private static void add(String name, Set<Path> open) {
        if (name.startsWith("/")) {
            open.add(Path.of(name.endsWith(REMOVED) ? name.substring(0, name.length() - REMOVED.length()) : name));
        }
    }
}
