package dev.kogata.gateway.archive;

import dev.kogata.gateway.problem.Refusal;
import dev.kogata.kit.artifact.ManifestPath;
import dev.kogata.kit.error.KogataException;
import java.text.Normalizer;
import java.util.List;
import java.util.Locale;

/**
 * The relative path of an uploaded file: parts joined by {@code /}, which can neither leave the bundle nor name a file
 * twice on any file system, whatever it was called in the archive. Immutable.
 *
 * @param parts names from the top folder down to the file; at least one
 */
public record EntryPath(List<String> parts) {
    public EntryPath {
        parts = List.copyOf(parts);
    }

    /**
     * Reads a name as archives and clients send it. A leading {@code ./} is dropped, as {@code tar -C DIR .} writes it.
     *
     * @throws dev.kogata.kit.error.KogataException ARCHIVE_INVALID, for everything that is no plain relative path
     */
    public static EntryPath parse(String name) {
        String rest = name;
        while (rest.startsWith("./")) {
            rest = rest.substring(2);
        }
        try {
            return new EntryPath(List.of(ManifestPath.checked(rest).split("/")));
        } catch (KogataException e) {
            throw Refusal.archive(name, e.getMessage() + " Use relative names such as onnx/model.onnx.");
        }
    }

    /** True for what operating systems and archivers leave next to the files that people meant to send. */
    public boolean isLitter() {
        String last = parts.get(parts.size() - 1);
        return parts.get(0).equals("__MACOSX") || last.equals(".DS_Store") || last.equals("Thumbs.db");
    }

    /** The path without its top folder; the path has to have one. */
    EntryPath withoutTop() {
        return new EntryPath(parts.subList(1, parts.size()));
    }

    /** The folder that holds the file, {@code ""} at the top, in the form that is equal where file systems see no difference. */
    String foldedParent(int depth) {
        return fold(String.join("/", parts.subList(0, depth)));
    }

    /** Equal for two paths that a file system ignoring case or Unicode composition takes for the same file. */
    String folded() {
        return fold(toString());
    }

    private static String fold(String path) {
        return Normalizer.normalize(path, Normalizer.Form.NFKC).toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
    }

    /** The parts joined by {@code /}. */
    @Override
    public String toString() {
        return String.join("/", parts);
    }
}
