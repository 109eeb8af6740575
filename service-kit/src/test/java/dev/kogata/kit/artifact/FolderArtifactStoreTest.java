package dev.kogata.kit.artifact;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FolderArtifactStoreTest extends ArtifactStoreContract {

    @Override
    ArtifactStore newStore() {
        return new FolderArtifactStore(folder.resolve("store"), true);
    }

    @Test
    void materialisesWithoutCopyingAndCannotBeWrittenInto() throws IOException {
        put("abc");
        Path target = folder.resolve("target");
        store.materialise(ABC, target);
        assertThat(target).hasContent("abc");
        assertThat(Files.getAttribute(target, "unix:nlink")).isEqualTo(2);
        assertThat(Files.getPosixFilePermissions(target)).noneMatch(permission -> permission.name().endsWith("WRITE"));
    }

    @Test
    void replacesAFileInWhichABitFlipped() throws IOException {
        put("abc");
        damage("abd");
        put("abc");
        assertThat(read(ABC)).isEqualTo("abc");
    }

    @Test
    void sweepsWhatInterruptedWritersLeft() throws IOException {
        put("abc");
        Path old = Files.writeString(folder.resolve("store/temp/old"), "half");
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
        Files.writeString(folder.resolve("store/temp/new"), "half");
        assertThat(store.sweep(Duration.ofHours(1))).isEqualTo(1);
        assertThat(names()).containsExactlyInAnyOrder("sha256/ba/" + ABC, "temp/new");
    }

    @Override
    void damage(String text) throws IOException {
        Path file = folder.resolve("store/sha256/ba/" + ABC);
        assertThat(file.toFile().setWritable(true)).isTrue();
        Files.writeString(file, text);
    }

    @Override
    List<String> names() throws IOException {
        Path root = folder.resolve("store");
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(Files::isRegularFile).map(file -> root.relativize(file).toString()).toList();
        }
    }
}
