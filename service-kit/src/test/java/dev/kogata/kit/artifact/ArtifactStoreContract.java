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
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every store must do. */
abstract class ArtifactStoreContract {
    static final String ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    @TempDir
    Path folder;

    ArtifactStore store;

    @BeforeEach
    void open() {
        store = newStore();
    }

    /** An empty store. */
    abstract ArtifactStore newStore();

    /** Puts other bytes in the place of {@link #ABC}'s. */
    abstract void damage(String text) throws IOException;

    /** Names of everything the store holds, also of what is in the making. */
    abstract List<String> names() throws IOException;

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
        assertThat(names()).containsExactly("sha256/ba/" + ABC);
    }

    /** What a download relies on whose job is deleted meanwhile. */
    @Test
    void aStreamThatHasBegunEndsWholeOrFailsWhenItsArtifactIsDeletedAndNeverEndsShort() throws IOException {
        byte[] bytes = new byte[3_000_000];
        new Random(3).nextBytes(bytes);
        String sha256 = store.put(bytes, Artifacts.BYTES).getSha256();
        for (boolean whole : new boolean[] {true, false}) {
            try (InputStream in = whole ? store.open(sha256) : store.open(sha256, 1, bytes.length - 1)) {
                byte[] expected = whole ? bytes : Arrays.copyOfRange(bytes, 1, bytes.length);
                byte[] begun = in.readNBytes(1000);
                store.delete(sha256);
                assertThat(store.exists(sha256)).isFalse();
                byte[] rest = in.readAllBytes();
                assertThat(Arrays.equals(begun, 0, 1000, expected, 0, 1000) && Arrays.equals(rest, 0, rest.length, expected, 1000, expected.length)).isTrue();
            } catch (IOException | KogataException brokenOff) {
                assertThat(store.exists(sha256)).isFalse();
            }
            store.put(bytes, Artifacts.BYTES);
        }
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
        assertThat(names()).isEmpty();
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
    void materialisesInThePlaceOfWhatWasThere() throws IOException {
        put("abc");
        Path target = Files.writeString(folder.resolve("target"), "old");
        store.materialise(ABC, target);
        assertThat(target).hasContent("abc");
    }

    @Test
    void forgetsWhatIsDeleted() {
        put("abc");
        assertThat(store.delete(ABC)).isTrue();
        assertThat(store.exists(ABC)).isFalse();
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

    final Artifact put(String text) {
        return store.put(new ByteArrayInputStream(text.getBytes(UTF_8)), "text/plain");
    }

    final String read(String sha256) throws IOException {
        try (InputStream in = store.open(sha256)) {
            return new String(in.readAllBytes(), UTF_8);
        }
    }

    static KogataException refusal(ThrowingCallable call) {
        KogataException refusal = catchThrowableOfType(KogataException.class, call);
        assertThat(refusal).isNotNull();
        return refusal;
    }
}
