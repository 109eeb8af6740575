package dev.kogata.kit.artifact;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kogata.common.v1.Artifact;
import dev.kogata.common.v1.Reason;
import dev.kogata.kit.error.KogataException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderArtifactStoreTest {
    private static final String ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    @TempDir
    Path folder;

    private FolderArtifactStore store;

    @BeforeEach
    void open() {
        store = new FolderArtifactStore(folder.resolve("store"), true);
    }

    @Test
    void knowsBytesByTheirSha256() throws IOException {
        Artifact artifact = put("abc");
        assertThat(artifact).isEqualTo(Artifact.newBuilder().setSha256(ABC).setSizeBytes(3)
                .setUri("artifact:sha256/" + ABC).setMediaType("text/plain").build());
        assertThat(store.exists(ABC)).isTrue();
        assertThat(read(ABC)).isEqualTo("abc");
    }

    @Test
    void keepsTheSameBytesOnceAndLeavesNoTemporaryFile() throws IOException {
        put("abc");
        put("abc");
        assertThat(files()).containsExactly("sha256/ba/" + ABC);
    }

    @Test
    void takesAFileOver() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "abc");
        assertThat(store.adopt(file, "text/plain").getSha256()).isEqualTo(ABC);
        assertThat(file).doesNotExist();
        assertThat(read(ABC)).isEqualTo("abc");
    }

    @Test
    void leavesNothingBehindWhenItsSourceFails() throws IOException {
        InputStream broken = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("cut");
            }
        };
        assertThat(refusal(() -> store.put(broken, "text/plain")).reason()).isEqualTo(Reason.UNAVAILABLE);
        assertThat(files()).isEmpty();
    }

    @Test
    void saysThatTheDiskIsFull() {
        InputStream full = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("No space left on device");
            }
        };
        assertThat(refusal(() -> store.put(full, "text/plain")).reason()).isEqualTo(Reason.DISK_FULL);
    }

    @Test
    void readsARange() throws IOException {
        put("abc");
        try (InputStream in = store.open(ABC, 1, 1)) {
            assertThat(new String(in.readAllBytes(), UTF_8)).isEqualTo("b");
        }
        try (InputStream in = store.open(ABC, 1, 100)) {
            assertThat(new String(in.readAllBytes(), UTF_8)).isEqualTo("bc");
        }
        try (InputStream in = store.open(ABC, 3, 1)) {
            assertThat(in.readAllBytes()).isEmpty();
        }
        assertThat(refusal(() -> store.open(ABC, -1, 1)).reason()).isEqualTo(Reason.ARGUMENT_INVALID);
    }

    @Test
    void noticesABitThatFlippedAtRest() throws IOException {
        put("abc");
        damage("abd");
        assertThat(refusal(() -> read(ABC)).reason()).isEqualTo(Reason.ARTIFACT_DAMAGED);
        assertThat(refusal(() -> store.materialise(ABC, folder.resolve("target"))).reason()).isEqualTo(Reason.ARTIFACT_DAMAGED);
        assertThat(folder.resolve("target")).doesNotExist();
    }

    @Test
    void replacesAFileThatLostItsEnd() throws IOException {
        put("abc");
        damage("a");
        put("abc");
        assertThat(read(ABC)).isEqualTo("abc");
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
    void doesNotKnowWhatIsNotThere() {
        assertThat(refusal(() -> store.open(ABC)).reason()).isEqualTo(Reason.NOT_FOUND);
        assertThat(store.exists(ABC)).isFalse();
        assertThat(store.delete(ABC)).isFalse();
    }

    @Test
    void takesNothingButASha256ForAName() {
        for (String name : List.of("", "../../etc/passwd", ABC.toUpperCase(), ABC + "0", ABC.replace('a', '/'))) {
            assertThat(refusal(() -> store.open(name)).reason()).isEqualTo(Reason.ARGUMENT_INVALID);
        }
    }

    @Test
    void refusesToReadMoreThanTheLimit() {
        put("abc");
        assertThat(store.bytes(ABC, 3)).hasSize(3);
        assertThat(refusal(() -> store.bytes(ABC, 2)).metadata()).containsEntry("limit", "2").containsEntry("value", "3");
    }

    @Test
    void sweepsWhatInterruptedWritersLeft() throws IOException {
        put("abc");
        Path old = Files.writeString(folder.resolve("store/temp/old"), "half");
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
        Files.writeString(folder.resolve("store/temp/new"), "half");
        assertThat(store.sweep(Duration.ofHours(1))).isEqualTo(1);
        assertThat(files()).containsExactlyInAnyOrder("sha256/ba/" + ABC, "temp/new");
    }

    private Artifact put(String text) {
        return store.put(new ByteArrayInputStream(text.getBytes(UTF_8)), "text/plain");
    }

    private String read(String sha256) throws IOException {
        try (InputStream in = store.open(sha256)) {
            return new String(in.readAllBytes(), UTF_8);
        }
    }

    private void damage(String text) throws IOException {
        Path file = folder.resolve("store/sha256/ba/" + ABC);
        assertThat(file.toFile().setWritable(true)).isTrue();
        Files.writeString(file, text);
    }

    private List<String> files() throws IOException {
        Path root = folder.resolve("store");
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(Files::isRegularFile).map(file -> root.relativize(file).toString()).toList();
        }
    }

    private static KogataException refusal(ThrowingCallable call) {
        KogataException refusal = catchThrowableOfType(KogataException.class, call);
        assertThat(refusal).isNotNull();
        return refusal;
    }
}
