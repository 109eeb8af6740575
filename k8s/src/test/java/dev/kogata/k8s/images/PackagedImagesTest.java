package dev.kogata.k8s.images;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is in the tars that {@code mvn -Pimages package} has just made. */
class PackagedImagesTest {
    /** Beyond it something is in an image that does not belong there: the largest is now half as large. */
    private static final long MOST_BYTES = 400_000_000;
    /** With CUDA, cuDNN and ONNX Runtime's build for them. */
    private static final long MOST_BYTES_ON_GPUS = 6_000_000_000L;
    /** Without which no model runs. */
    private static final List<String> NATIVE = List.of("onnxruntime", "tokenizers", "openblas", "javacpp");
    private static final List<String> WORKERS = List.of("profiler", "pruner", "quantizer", "evaluator");

    static List<Path> tars() throws IOException {
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("kogata.images")))) {
            return files.filter(file -> file.toString().endsWith(".tar")).sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("tars")
    void anImageIsItsApplicationOnAJavaRuntimeAndNothingElse(Path file) throws IOException {
        String name = file.getFileName().toString().replaceAll("-(amd64|arm64)\\.tar$", "");
        String service = name.replaceAll("-gpu$", "");
        ImageTar image = ImageTar.read(file);
        List<Map<String, TarArchiveEntry>> layers = image.layers();
        int base = layers.size() - ours(layers);

        assertThat(image.tags()).containsExactly("kogata/" + name + ":" + image.start().get("Labels").get("org.opencontainers.image.version").asText());
        assertThat(image.start().get("User").asText()).isEqualTo("10001:10001");
        assertThat(image.start().get("Entrypoint")).map(Object::toString).containsExactly("\"java\"", "\"@/kogata/service\"");
        assertThat(image.start().get("Labels")).extracting(label -> label.asText().isEmpty()).doesNotContain(true).hasSizeGreaterThanOrEqualTo(4);
        assertThat(image.config().get("created").asText()).startsWith("2026-01-01T00:00:00");
        assertThat(Files.size(file)).isLessThan(file.getFileName().toString().contains("-gpu-") ? MOST_BYTES_ON_GPUS : MOST_BYTES);
        // Ours: what Maven packaged, below /kogata, which the user of the image cannot write; its data folder is empty.
        assertThat(image.own(base)).isNotEmpty().allMatch(path -> path.startsWith("/kogata/"), "below /kogata")
                .noneMatch(path -> path.matches(".*(-sources|-javadoc|-tests)\\.jar|.*/(junit|assertj|mockito)[^/]*\\.jar"));
        layers.subList(base, layers.size()).forEach(layer -> layer.forEach((path, entry) -> {
            if (!path.startsWith("/data")) {
                assertThat(entry.getMode() & 022).as(path).isZero();
                assertThat(entry.getLongUserId()).as(path).isZero();
            }
        }));
        // Machine code is this processor's, in whatever library it comes.
        Architecture architecture = Architecture.valueOf(image.config().get("architecture").asText().toUpperCase(Locale.ROOT));
        assertThat(file.getFileName().toString()).endsWith("-" + architecture.oci() + ".tar");
        image.jars().forEach((jar, files) -> files.forEach((path, head) -> {
            if (NativeCode.is(head) && !path.endsWith(".class")) {
                assertThat(NativeCode.isOf(head, architecture)).as("%s of %s is for %s", path, jar, architecture).isTrue();
            }
        }));
        if (WORKERS.contains(service)) {
            for (String library : NATIVE) {
                assertThat(image.jars().entrySet()).as("%s has its machine code", library).anyMatch(jar -> jar.getKey().contains(library)
                        && jar.getValue().entrySet().stream().anyMatch(each -> NativeCode.isOf(each.getValue(), architecture)));
            }
            assertThat(image.own(base)).anyMatch(path -> path.contains("onnxruntime"));
            assertThat(image.texts()).hasEntrySatisfying("/kogata/worker", text -> assertThat(text).containsPattern("dev\\.kogata\\." + service + "\\.[A-Z]\\w+WorkerMain"));
        } else {
            // No service that runs no models has the library that does.
            assertThat(image.own(base)).noneMatch(path -> path.contains("onnxruntime") && !name.equals("standalone"));
        }
    }

    /** How many of the last layers have nothing outside Kogata's folders. */
    private static int ours(List<Map<String, TarArchiveEntry>> layers) {
        int count = 0;
        for (int i = layers.size() - 1; i >= 0 && layers.get(i).keySet().stream().allMatch(path -> path.startsWith("/kogata/") || path.equals("/data/")); i--) {
            count++;
        }
        return count;
    }
}
