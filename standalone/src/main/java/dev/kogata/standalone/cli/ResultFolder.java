package dev.kogata.standalone.cli;

import dev.kogata.standalone.PlainWords;
import dev.kogata.standalone.mesh.TemporaryFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * The folder that a result is delivered into. It appears whole or not at all: files are gathered in a hidden folder
 * beside it, which then takes its place. An earlier result there is replaced, anything else is never touched.
 */
final class ResultFolder {
    private static final Set<String> RESULT = Set.of("bundle", "sparse", "plan.json", "report.json", "report.html", "front.json");

    private final Path target;
    private final Path gathering;

    private ResultFolder(Path target) {
        this.target = target;
        this.gathering = target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID().toString().substring(0, 8) + ".part");
    }

    /** Refuses a target that is no folder, or holds anything that is no result. */
    static ResultFolder at(Path target) {
        Path folder = target.toAbsolutePath().normalize();
        if (folder.getFileName() == null) {
            throw CommandFailure.refused("ARGUMENT_INVALID", "A result cannot be written to " + target + ": name another folder with --out.");
        }
        if (Files.exists(folder) && !Files.isDirectory(folder)) {
            throw CommandFailure.refused("ARGUMENT_INVALID", target + " is a file: name another folder with --out.");
        }
        if (Files.isDirectory(folder)) {
            List<String> names = names(folder);
            boolean result = (names.contains("plan.json") || names.contains("front.json")) && RESULT.containsAll(names);
            if (!names.isEmpty() && !result) {
                throw CommandFailure.refused("ARGUMENT_INVALID", "The folder " + target + " is not empty and holds no earlier result ("
                        + foreign(names) + " is in it): name another folder with --out, or empty it.");
            }
        }
        return new ResultFolder(folder);
    }

    Path path() {
        return target;
    }

    /** Makes the hidden folder to gather the files in. */
    Path gather() {
        try {
            return Files.createDirectories(gathering);
        } catch (IOException unwritable) {
            throw CommandFailure.refused(PlainWords.reason(unwritable),
                    "Nothing can be written beside " + target + ": " + PlainWords.of(unwritable) + ".");
        }
    }

    /** Puts what was gathered in the place of the folder. */
    void deliver() {
        Path earlier = gathering.resolveSibling(gathering.getFileName() + ".old");
        try {
            if (Files.exists(target)) {
                Files.move(target, earlier);
            }
            Files.move(gathering, target);
            TemporaryFiles.delete(earlier);
        } catch (IOException unwritable) {
            throw CommandFailure.refused(PlainWords.reason(unwritable),
                    "The result cannot be moved to " + target + ": " + PlainWords.of(unwritable) + ".");
        }
    }

    /** Removes what was gathered and not delivered. */
    void discard() {
        try {
            TemporaryFiles.delete(gathering);
        } catch (IOException kept) {
            // A hidden folder with a telling name stays; nothing depends on it.
        }
    }

    private static String foreign(List<String> names) {
        return names.stream().filter(name -> !RESULT.contains(name)).findFirst().orElse(names.get(0));
    }

    private static List<String> names(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException unreadable) {
            throw CommandFailure.refused("ARGUMENT_INVALID", "The folder " + folder + " cannot be read: " + PlainWords.of(unreadable) + ".");
        }
    }
}
