package dev.kogata.standalone.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HomeLockTest {
    @TempDir
    Path folder;

    @Test
    void refusesASecondUserOfTheSameHomeAndSaysWhatToDo() {
        try (HomeLock ignored = HomeLock.take(folder)) {
            assertThatThrownBy(() -> HomeLock.take(folder))
                    .isInstanceOfSatisfying(MeshFailure.class, failure -> assertThat(failure.refused()).isTrue())
                    .hasMessageContaining(folder.toString())
                    .hasMessageContaining("--home");
        }
    }

    @Test
    void isFreeAgainAfterwards() {
        HomeLock.take(folder).close();
        HomeLock.take(folder).close();
        assertThat(folder.resolve("lock")).exists();
    }

    @Test
    void refusesAHomeThatIsAFile() throws Exception {
        Path file = Files.createFile(folder.resolve("file"));
        assertThatThrownBy(() -> HomeLock.take(file)).isInstanceOf(MeshFailure.class).hasMessageContaining("--home");
    }

    @Test
    void aMeshThatHasLeftIsNotFound() throws Exception {
        Files.writeString(folder.resolve("address"), "http://127.0.0.1:1");
        assertThat(Mesh.running(folder)).isEmpty();
        try (HomeLock ignored = HomeLock.take(folder)) {
            Files.writeString(folder.resolve("address"), "http://127.0.0.1:1");
            assertThat(Mesh.running(folder)).contains(URI.create("http://127.0.0.1:1"));
        }
    }
}
