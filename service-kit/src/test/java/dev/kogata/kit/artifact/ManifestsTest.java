package dev.kogata.kit.artifact;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kogata.common.v1.Artifact;
import dev.kogata.common.v1.Manifest;
import dev.kogata.common.v1.ManifestFile;
import dev.kogata.common.v1.Reason;
import dev.kogata.kit.error.KogataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestsTest {
    private static final String SHA256 = "a".repeat(64);

    @TempDir
    Path folder;

    private ArtifactStore store;
    private Manifests manifests;

    @BeforeEach
    void open() {
        store = new FolderArtifactStore(folder.resolve("store"), true);
        manifests = new Manifests(store);
    }

    @Test
    void bringsAFolderBackAsItWas() throws IOException {
        Path source = folder.resolve("source");
        Files.createDirectories(source.resolve("onnx"));
        Files.writeString(source.resolve("config.json"), "{}");
        Files.writeString(source.resolve("onnx/model.onnx"), "model");
        Files.writeString(source.resolve("onnx/empty"), "");

        Artifact manifest = manifests.store(source);
        manifests.materialise(manifest, folder.resolve("target"));

        assertThat(folder.resolve("target/config.json")).hasContent("{}");
        assertThat(folder.resolve("target/onnx/model.onnx")).hasContent("model");
        assertThat(folder.resolve("target/onnx/empty")).isEmptyFile();
        assertThat(manifests.store(folder.resolve("target"))).isEqualTo(manifest);
    }

    @Test
    void isCanonicalWhateverTheOrder() {
        Manifest one = Manifest.newBuilder().addFiles(file("b")).addFiles(file("a/c")).build();
        assertThat(new String(Manifests.canonical(one), UTF_8)).isEqualTo(
                "{\"files\":[{\"path\":\"a/c\",\"sha256\":\"" + SHA256 + "\",\"size_bytes\":\"3\"},"
                        + "{\"path\":\"b\",\"sha256\":\"" + SHA256 + "\",\"size_bytes\":\"3\"}]}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../etc/passwd", "a/../../x", "/etc/passwd", "C:\\x", "C:x", "\\\\host\\x", "file:///x", "a//b", "a/", "./a",
        "a/.", "..", "", "a\0b", "a\nb", "a\u001b[31m", "a\u202eb"})
    void refusesPathsThatAreNotPlainlyBelowTheFolder(String path) {
        KogataException refusal = catchThrowableOfType(KogataException.class,
                () -> manifests.write(Manifest.newBuilder().addFiles(file(path)).build()));
        assertThat(refusal.reason()).isEqualTo(Reason.ARGUMENT_INVALID);
        assertThat(refusal.getMessage()).matches("[^\\p{Cntrl}\u202e]*");

        Artifact hostile = store.put(("{\"files\":[{\"path\":\"" + path.replace("\\", "\\\\").replace("\n", "\\n").replace("\0", "\\u0000")
                .replace("\u001b", "\\u001b") + "\",\"sha256\":\"" + SHA256 + "\"}]}").getBytes(UTF_8), Artifacts.MANIFEST);
        assertThat(catchThrowableOfType(KogataException.class, () -> manifests.read(hostile)).reason()).isEqualTo(Reason.ARGUMENT_INVALID);
    }

    @ParameterizedTest
    @ValueSource(strings = {"model.onnx", "onnx/decoder model merged.onnx_data", "a..b/..c", "bilder/größe.png", "%2e%2e/x"})
    void acceptsWhatFilesAreCalled(String path) {
        assertThatCode(() -> ManifestPath.checked(path)).doesNotThrowAnyException();
    }

    @Test
    void refusesAFileWhereAFolderIsNeeded() {
        Manifest clash = Manifest.newBuilder().addFiles(file("a")).addFiles(file("a/b")).build();
        assertThat(catchThrowableOfType(KogataException.class, () -> manifests.write(clash)).getMessage()).contains("both a file and a folder");
    }

    @Test
    void refusesTheSamePathTwice() {
        Manifest twice = Manifest.newBuilder().addFiles(file("a")).addFiles(file("a")).build();
        assertThat(catchThrowableOfType(KogataException.class, () -> manifests.write(twice)).getMessage()).contains("twice");
    }

    @Test
    void refusesWhatIsNoManifest() {
        Artifact text = store.put("no json".getBytes(UTF_8), Artifacts.MANIFEST);
        assertThat(catchThrowableOfType(KogataException.class, () -> manifests.read(text)).reason()).isEqualTo(Reason.ARGUMENT_INVALID);
    }

    @Test
    void refusesLinksInAFolder() throws IOException {
        Path source = Files.createDirectories(folder.resolve("source"));
        Files.createSymbolicLink(source.resolve("link"), Files.writeString(folder.resolve("elsewhere"), "x"));
        assertThat(catchThrowableOfType(KogataException.class, () -> manifests.store(source)).getMessage()).contains("no ordinary file");
    }

    private static ManifestFile file(String path) {
        return ManifestFile.newBuilder().setPath(path).setSha256(SHA256).setSizeBytes(3).build();
    }
}
