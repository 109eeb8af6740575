package dev.kogata.k8s.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
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
            Files.writeString(path, file);
        }
        ImageTar.base(folder.resolve("base-amd64.tar"), "amd64");
        ImageTar.base(folder.resolve("base-arm64.tar"), "arm64");
    }

    private ImageSpec image() {
        return new ImageSpec("x", "An application", List.of(new PackagedApplication(folder.resolve("app"), "/kogata")), Map.of("/kogata/service", "-jar x\n"), "/kogata/service",
                List.of(), List.of(9000));
    }

    private ImageBuilder builder(String out) throws IOException {
        return new ImageBuilder("tar://" + folder + "/base-{arch}.tar", "1.0", Files.createDirectories(folder.resolve(out)));
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

        Files.writeString(folder.resolve("app/quarkus-run.jar"), "other");
        assertThat(builder("three").tar(image(), Architecture.AMD64)).isNotEqualTo(first);
    }

    @Test
    void anImageHasTheNativeLibrariesOfItsOwnArchitectureOnly() throws Exception {
        builder("out").tar(image(), Architecture.ARM64);
        ImageTar tar = ImageTar.read(folder.resolve("out/x-arm64.tar"));

        assertThat(tar.config().get("architecture").asText()).isEqualTo("arm64");
        assertThat(tar.own(1)).contains("/kogata/lib/main/org.bytedeco.openblas-1-linux-arm64.jar").doesNotContain("/kogata/lib/main/org.bytedeco.openblas-1-linux-x86_64.jar");
    }

    @Test
    void whatIsNotPackagedYetIsNamed() throws Exception {
        ImageSpec missing = new ImageSpec("x", "x", List.of(new PackagedApplication(folder.resolve("nowhere"), "/kogata")), Map.of(), "/kogata/service", List.of(), List.of());
        assertThatThrownBy(() -> builder("out").tar(missing, Architecture.AMD64)).hasMessageContaining("nowhere").hasMessageContaining("-Pimages package");
    }
}
