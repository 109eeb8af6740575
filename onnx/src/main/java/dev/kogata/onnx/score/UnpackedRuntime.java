package dev.kogata.onnx.score;

import ai.onnxruntime.OrtEnvironment;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * ONNX Runtime's machine code in a folder below {@code java.io.tmpdir} as that is set now. By itself the library unpacks it, 28 MB, into what the property
 * said when the JVM began, where nobody removes it once the process is killed.
 */
final class UnpackedRuntime {
    private static final String FOLDER = "onnxruntime.native.path";
    private static final List<String> LIBRARIES = List.of("onnxruntime", "onnxruntime4j_jni");
    /** Comes with others that have to lie beside it: there the library unpacks itself. */
    private static final String GPU = "onnxruntime_providers_cuda";

    private UnpackedRuntime() {}

    /** Unpacks it and has it loaded from there, unless it is to be loaded from elsewhere. */
    static void prepare() throws IOException {
        if (System.getProperty(FOLDER) != null || resource(GPU) != null || LIBRARIES.stream().anyMatch(library -> resource(library) == null)) {
            return;
        }
        Path folder = Files.createTempDirectory(Path.of(System.getProperty("java.io.tmpdir")), "onnxruntime-");
        // Removed in the opposite order.
        folder.toFile().deleteOnExit();
        for (String library : LIBRARIES) {
            Path file = folder.resolve(System.mapLibraryName(library));
            try (InputStream in = OrtEnvironment.class.getResourceAsStream(resource(library))) {
                Files.copy(in, file);
            }
            file.toFile().deleteOnExit();
        }
        System.setProperty(FOLDER, folder.toString());
    }

    /** Where it lies in the library's jar; null where it does not, for this kind of machine. */
    private static String resource(String library) {
        String name = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String system = name.contains("mac") ? "osx" : name.contains("win") ? "win" : "linux";
        String processor = switch (System.getProperty("os.arch")) {
            case "amd64", "x86_64" -> "x64";
            case "aarch64", "arm64" -> "aarch64";
            // None lies there under such a name, and the library says by itself that it does not run here.
            default -> System.getProperty("os.arch");
        };
        String path = "/ai/onnxruntime/native/" + system + "-" + processor + "/" + System.mapLibraryName(library);
        return OrtEnvironment.class.getResource(path) == null ? null : path;
    }
}
