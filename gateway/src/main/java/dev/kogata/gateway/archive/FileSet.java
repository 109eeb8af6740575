package dev.kogata.gateway.archive;

import dev.kogata.gateway.problem.Refusal;
import java.util.HashMap;
import java.util.Map;

/**
 * The names seen so far in one bundle. Refuses a name that comes twice, one that differs from an earlier one only in case
 * or composition (they would be one file on macOS or Windows), and a file where another name needs a folder. Not thread-safe.
 */
public final class FileSet {
    private final Map<String, String> files = new HashMap<>();
    private final Map<String, String> folders = new HashMap<>();

    /** Takes a name, or refuses it with ARCHIVE_INVALID. */
    public void add(EntryPath path) {
        String name = path.toString();
        String earlier = files.putIfAbsent(path.folded(), name);
        if (earlier != null) {
            throw Refusal.archive(name, earlier.equals(name)
                ? "The file \"" + name + "\" comes twice."
                : "The files \"" + earlier + "\" and \"" + name + "\" differ only in case or composition: rename one.");
        }
        for (int depth = 1; depth < path.parts().size(); depth++) {
            folders.putIfAbsent(path.foldedParent(depth), name);
        }
        String inside = folders.get(path.folded());
        if (inside != null) {
            throw clash(name, inside);
        }
        for (int depth = 1; depth < path.parts().size(); depth++) {
            String file = files.get(path.foldedParent(depth));
            if (file != null) {
                throw clash(file, name);
            }
        }
    }

    private static RuntimeException clash(String file, String inside) {
        return Refusal.archive(file, "\"" + file + "\" is a file, and a folder of \"" + inside + "\" too.");
    }
}
