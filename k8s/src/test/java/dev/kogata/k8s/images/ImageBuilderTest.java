package dev.kogata.k8s.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageBuilderTest {
    @TempDir Path folder;

    @BeforeEach
    void anApplication() throws IOException {
        for (String file : List.of("quarkus-run.jar", "app/kogata-x-service-1.jar", "quarkus/quarkus-application.dat", "lib/main/dev.kogata.kogata-core-1.jar",
                "lib/main/io.grpc.grpc-netty-1.jar", "lib/boot/io.quarkus.quarkus-bootstrap-runner-3.jar", "lib/main/com.microsoft.onnxruntime.onnxruntime-1.jar",
                "lib/main/org.bytedeco.openblas-1-linux-x86_64.jar", "lib/main/org.bytedeco.openblas-1-linux-arm64.jar")) {
            Path path = folder.resolve("app").resolve(file);
            Files.createDirectories(path.getParent());
            if (file.endsWith(".jar")) {
                ImageTar.jar(path, Map.of("name", file.getBytes(StandardCharsets.UTF_8)));
            } else {
                Files.writeString(path, file);
            }
        }
        ImageTar.jar(folder.resolve("app/lib/main/com.microsoft.onnxruntime.onnxruntime-1.jar"), Map.of("linux-x64/a.so", elf(62), "linux-aarch64/a.so", elf(183),
                "win/a.dll", new byte[] {'M', 'Z', 0, 0}, "A.class", new byte[] {(byte) 0xca, (byte) 0xfe, (byte) 0xba, (byte) 0xbe}, "short", new byte[] {0x7f}));
        ImageTar.base(folder.resolve("base-amd64.tar"), "amd64");
        ImageTar.base(folder.resolve("base-arm64.tar"), "arm64");
    }

    private static byte[] elf(int machine) {
        byte[] head = new byte[64];
        System.arraycopy(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1}, 0, head, 0, 7);
        head[18] = (byte) machine;
        return head;
    }

    private ImageSpec image() {
        return new ImageSpec("x", "An application", List.of(new PackagedApplication(folder.resolve("app"), "/kogata")), Map.of("/kogata/service", "-jar x\n"), "/kogata/service",
                List.of(), List.of(9000));
    }

    private ImageBuilder builder(String out) throws IOException {
        return new ImageBuilder("tar://" + folder + "/base-{arch}.tar", "1.0", Files.createDirectories(folder.resolve(out)), Optional.empty());
    }

    @Test
    void layersLieInTheOrderInWhichTheirFilesChange() throws Exception {
        builder("out").tar(image(), Architecture.AMD64);
        ImageTar tar = ImageTar.read(folder.resolve("out/x-amd64.tar"));

        assertThat(tar.layers()).hasSize(4);
        assertThat(tar.layers().get(1)).containsKeys("/kogata/lib/main/com.microsoft.onnxruntime.onnxruntime-1.jar").doesNotContainKey("/kogata/quarkus-run.jar");
        assertThat(tar.layers().get(2)).containsKeys("/kogata/lib/main/io.grpc.grpc-netty-1.jar", "/kogata/lib/boot/io.quarkus.quarkus-bootstrap-runner-3.jar")
                .doesNotContainKey("/kogata/lib/main/dev.kogata.kogata-core-1.jar");
        assertThat(tar.layers().get(3)).containsKeys("/kogata/lib/main/dev.kogata.kogata-core-1.jar", "/kogata/app/kogata-x-service-1.jar", "/kogata/quarkus-run.jar",
                "/kogata/quarkus/quarkus-application.dat", "/kogata/service", "/data/");
    }

    @Test
    void theSameFilesGiveTheSameDigestWhateverTheClockSays() throws Exception {
        String first = builder("one").tar(image(), Architecture.AMD64);
        Files.setLastModifiedTime(folder.resolve("app/quarkus-run.jar"), FileTime.fromMillis(1));
        String second = builder("two").tar(image(), Architecture.AMD64);
        assertThat(second).isEqualTo(first);
        assertThat(folder.resolve("one/x-amd64.tar")).hasSameBinaryContentAs(folder.resolve("two/x-amd64.tar"));

        ImageTar.jar(folder.resolve("app/quarkus-run.jar"), Map.of("other", new byte[0]));
        assertThat(builder("three").tar(image(), Architecture.AMD64)).isNotEqualTo(first);
    }

    @Test
    void anImageHasTheNativeLibrariesOfItsOwnArchitectureOnly() throws Exception {
        builder("out").tar(image(), Architecture.ARM64);
        ImageTar tar = ImageTar.read(folder.resolve("out/x-arm64.tar"));

        assertThat(tar.config().get("architecture").asText()).isEqualTo("arm64");
        assertThat(tar.own(1)).contains("/kogata/lib/main/org.bytedeco.openblas-1-linux-arm64.jar").doesNotContain("/kogata/lib/main/org.bytedeco.openblas-1-linux-x86_64.jar");
        assertThat(tar.jars().get("/kogata/lib/main/com.microsoft.onnxruntime.onnxruntime-1.jar").keySet()).containsExactlyInAnyOrder("linux-aarch64/a.so", "A.class", "short");
    }

    @Test
    void aRegistrysTagWithoutAnArchitectureIsTheListOfAll() throws Exception {
        try (FakeRegistry registry = new FakeRegistry()) {
            for (Architecture architecture : Architecture.values()) {
                builder("out").push(image(), architecture, registry.path());
            }
            String digest = new Registry(registry.path()).list("x", "1.0", List.of(Architecture.values()));

            JsonNode list = registry.manifest("1.0");
            assertThat(registry.digest("1.0")).isEqualTo(digest);
            assertThat(list.get("manifests")).extracting(entry -> entry.at("/platform/architecture").asText()).containsExactly("amd64", "arm64");
            for (JsonNode entry : list.get("manifests")) {
                String tag = "1.0-" + entry.at("/platform/architecture").asText();
                assertThat(entry.get("digest").asText()).isEqualTo(registry.digest(tag));
                assertThat(entry.get("size").asInt()).isEqualTo(registry.size(tag));
                assertThat(entry.get("mediaType")).isEqualTo(registry.manifest(tag).get("mediaType"));
            }
        }
    }

    @Test
    void aBaseWithoutJavaGetsARuntime() throws Exception {
        Path java = Files.createDirectories(folder.resolve("runtime/bin")).resolve("java");
        Files.writeString(java, "#!java");
        assertThat(java.toFile().setExecutable(true)).isTrue();
        Files.writeString(folder.resolve("runtime/release"), "17");
        new ImageBuilder("tar://" + folder + "/base-{arch}.tar", "1.0", folder.resolve("with-java"), Optional.of(folder.resolve("runtime"))).tar(image().named("x-gpu"), Architecture.AMD64);

        ImageTar tar = ImageTar.read(folder.resolve("with-java/x-gpu-amd64.tar"));
        assertThat(tar.layers().get(1).get("/opt/java/openjdk/bin/java").getMode() & 0777).isEqualTo(0555);
        assertThat(tar.layers().get(1).get("/opt/java/openjdk/release").getMode() & 0777).isEqualTo(0444);
        assertThat(tar.start().get("Env")).anyMatch(variable -> variable.asText().startsWith("PATH=/opt/java/openjdk/bin:"));
        assertThat(tar.tags()).containsExactly("kogata/x-gpu:1.0");
    }

    @Test
    void whatIsNotPackagedYetIsNamed() throws Exception {
        ImageSpec missing = new ImageSpec("x", "x", List.of(new PackagedApplication(folder.resolve("nowhere"), "/kogata")), Map.of(), "/kogata/service", List.of(), List.of());
        assertThatThrownBy(() -> builder("out").tar(missing, Architecture.AMD64)).hasMessageContaining("nowhere").hasMessageContaining("-Pimages package");
    }
}
