package dev.kogata.k8s.images;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A folder that Maven has packaged, cut by how often its files change: native libraries, other libraries, Kogata itself.
 *
 * @param folder where it lies
 * @param inImage absolute path of its copy in the image
 */
record PackagedApplication(Path folder, String inImage) {
    /** Large, and changed only with a new ONNX Runtime, tokenizer or OpenBLAS. */
    private static final Pattern NATIVE = Pattern.compile("(com\\.microsoft\\.onnxruntime\\.|ai\\.djl\\.|org\\.bytedeco\\.).*\\.jar");
    private static final Pattern OWN = Pattern.compile("(dev\\.kogata\\.)?kogata-.*\\.jar");

    /** How often a file changes; layers lie in this order. */
    enum Change { NATIVE_LIBRARIES, LIBRARIES, APPLICATION }

    /** Files of one layer, relative to the folder, in order of their names. */
    List<Path> files(Change change, Architecture architecture) {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).map(folder::relativize)
                    .filter(file -> architecture.takes(file.getFileName().toString()) && change(file) == change)
                    .sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Change change(Path file) {
        String name = file.getFileName().toString();
        boolean library = name.endsWith(".jar") && file.getNameCount() > 1 && !file.startsWith("app") && !file.startsWith("quarkus");
        if (!library && !(file.getNameCount() == 1 && name.endsWith(".jar") && !name.equals("quarkus-run.jar"))) {
            return Change.APPLICATION;
        }
        if (OWN.matcher(name).matches()) {
            return Change.APPLICATION;
        }
        return NATIVE.matcher(name).matches() ? Change.NATIVE_LIBRARIES : Change.LIBRARIES;
    }
}
