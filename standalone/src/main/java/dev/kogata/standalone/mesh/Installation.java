package dev.kogata.standalone.mesh;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where the built parts of Kogata lie.
 *
 * @param root the folder that {@code ./kogata} is in
 */
public record Installation(Path root) {
    /** System property that {@code ./kogata} sets to its own folder. */
    public static final String ROOT = "kogata.root";

    /** The installation that this process was started from. */
    public static Installation current() {
        String root = System.getProperty(ROOT);
        if (root == null) {
            throw MeshFailure.failed("The property " + ROOT + " is not set: start Kogata by its script, ./kogata.");
        }
        return new Installation(Path.of(root).toAbsolutePath().normalize());
    }

    /** The packaged services. */
    Path application() {
        return built(root.resolve("standalone/target/quarkus-app"));
    }

    /** The jars of the broker. */
    Path broker() {
        return built(root.resolve("broker/target/lib"));
    }

    /** The jars of the measuring program. */
    public Path bench() {
        return built(root.resolve("bench/target/lib"));
    }

    /** The packaged model and data of the demo. */
    public Path demo() {
        return root.resolve("demo");
    }

    private static Path built(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw MeshFailure.failed("Kogata is not built (" + folder + " is missing): run mvn -DskipTests package.");
        }
        return folder;
    }
}
