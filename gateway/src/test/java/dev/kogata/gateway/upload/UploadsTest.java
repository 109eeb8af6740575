package dev.kogata.gateway.upload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kogata.common.v1.Reason;
import dev.kogata.kit.artifact.Sha256;
import dev.kogata.kit.error.KogataException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UploadsTest {
    private static final UploadLimits LIMITS = new UploadLimits(1000, 3, Duration.ofHours(24), Duration.ofSeconds(10));

    @TempDir
    Path folder;

    @Test
    void goesOnAfterARestart() throws IOException {
        String id = open().create(6, metadata("a")).info().id();
        open().append(id, 0, bytes("abc"), null);
        UploadStatus status = open().append(id, 3, bytes("def"), null);
        assertThat(status.finished()).isTrue();
        assertThat(content(id)).isEqualTo("abcdef");
    }

    @Test
    @Tag("hostile-60")
    void takesOneByteAtATimeAndNoneAtAll() throws IOException {
        Uploads uploads = open();
        String id = uploads.create(4, metadata("a")).info().id();
        for (int i = 0; i < 4; i++) {
            uploads.append(id, i, bytes(""), null);
            uploads.append(id, i, bytes("x"), null);
        }
        assertThat(content(id)).isEqualTo("xxxx");
    }

    @Test
    @Tag("hostile-60")
    void namesTheOffsetItHasReached() throws IOException {
        Uploads uploads = open();
        String id = uploads.create(6, metadata("a")).info().id();
        uploads.append(id, 0, bytes("abc"), null);
        for (long wrong : new long[] {0, 2, 4, 6, 100}) {
            assertThatThrownBy(() -> uploads.append(id, wrong, bytes("def"), null))
                .isInstanceOfSatisfying(KogataException.class, e -> {
                    assertThat(e.reason()).isEqualTo(Reason.UPLOAD_OFFSET_WRONG);
                    assertThat(e.metadata()).containsEntry("offset", "3");
                });
        }
    }

    @Test
    void keepsWhatCameBeforeTheStreamBroke() throws IOException {
        Uploads uploads = open();
        String id = uploads.create(6, metadata("a")).info().id();
        assertRefused(Reason.UPLOAD_INCOMPLETE, () -> uploads.append(id, 0, breakingAfter("abcd"), null));
        assertThat(uploads.status(id).offset()).isEqualTo(4);
    }

    @Test
    void keepsNothingOfABrokenStreamThatAChecksumWasToProve() throws IOException {
        Uploads uploads = open();
        String id = uploads.create(6, metadata("a")).info().id();
        uploads.append(id, 0, bytes("ab"), null);
        Checksum checksum = Checksum.parse("sha256 " + "A".repeat(43) + "=");
        assertRefused(Reason.UPLOAD_INCOMPLETE, () -> uploads.append(id, 2, breakingAfter("cd"), checksum));
        assertRefused(Reason.CHECKSUM_MISMATCH, () -> uploads.append(id, 2, bytes("cdef"), checksum));
        assertThat(uploads.status(id).offset()).isEqualTo(2);
    }

    @Test
    void dropsUnprovenBytesOfAProcessThatDied() throws IOException {
        String id = open().create(6, metadata("a")).info().id();
        open().append(id, 0, bytes("ab"), null);
        Files.writeString(folder.resolve(id + ".unchecked"), "2");
        Files.writeString(folder.resolve(id + ".bytes"), "abXX");
        Uploads uploads = open();
        assertThat(uploads.status(id).offset()).isEqualTo(2);
        uploads.append(id, 2, bytes("cdef"), null);
        assertThat(content(id)).isEqualTo("abcdef");
    }

    @Test
    @Tag("hostile-8")
    void refusesMoreBytesThanAnnouncedAndKeepsNoneOfThem() throws IOException {
        Uploads uploads = open();
        String id = uploads.create(3, metadata("a")).info().id();
        assertRefused(Reason.ARGUMENT_INVALID, () -> uploads.append(id, 0, bytes("abcd"), null));
        assertThat(uploads.status(id).offset()).isZero();
    }

    @Test
    void knowsTheSha256OfWhatLiesOnTheDiskHoweverItCameThere() throws IOException {
        Uploads uploads = open();
        String sha256 = Sha256.of("abcdef".getBytes(StandardCharsets.UTF_8));
        String id = uploads.create(6, new UploadMetadata("", "a", sha256)).info().id();
        Checksum wrong = Checksum.parse("sha256 " + "A".repeat(43) + "=");
        assertRefused(Reason.UPLOAD_INCOMPLETE, () -> uploads.append(id, 0, breakingAfter("ab"), null));
        assertRefused(Reason.CHECKSUM_MISMATCH, () -> uploads.append(id, 2, bytes("XX"), wrong));
        uploads.append(id, 2, bytes("cd"), null);
        assertRefused(Reason.ARGUMENT_INVALID, () -> uploads.append(id, 4, bytes("efg"), null));
        assertThat(uploads.append(id, 4, bytes("ef"), null).finished()).isTrue();
        assertThat(content(id)).isEqualTo("abcdef");

        String resumed = uploads.create(6, new UploadMetadata("", "a", sha256)).info().id();
        uploads.append(resumed, 0, bytes("abc"), null);
        assertThat(open().append(resumed, 3, bytes("def"), null).finished()).as("by a process that has not seen the first half").isTrue();

        String changed = uploads.create(6, new UploadMetadata("", "a", sha256)).info().id();
        uploads.append(changed, 0, bytes("abX"), null);
        assertRefused(Reason.CHECKSUM_MISMATCH, () -> uploads.append(changed, 3, bytes("def"), null));
    }

    @Test
    @Tag("hostile-9")
    void removesAFinishedUploadThatHasAnotherSha256() throws IOException {
        Uploads uploads = open();
        String announced = Sha256.of("abc".getBytes(StandardCharsets.UTF_8));
        String good = uploads.create(3, new UploadMetadata("", "a", announced)).info().id();
        assertThat(uploads.append(good, 0, bytes("abc"), null).finished()).isTrue();
        String bad = uploads.create(3, new UploadMetadata("", "a", announced)).info().id();
        assertRefused(Reason.CHECKSUM_MISMATCH, () -> uploads.append(bad, 0, bytes("abX"), null));
        assertRefused(Reason.NOT_FOUND, () -> uploads.status(bad));
    }

    @Test
    @Tag("hostile-60")
    void aLaterWriterTakesOverFromOneThatHangs() throws Exception {
        Uploads uploads = open();
        String id = uploads.create(6, metadata("a")).info().id();
        ExecutorService pool = Executors.newSingleThreadExecutor();
        try (PipedOutputStream client = new PipedOutputStream(); InputStream hanging = new PipedInputStream(client)) {
            Future<?> first = pool.submit(() -> uploads.append(id, 0, hanging, null));
            client.write("abc".getBytes(StandardCharsets.UTF_8));
            client.flush();
            while (uploads.status(id).offset() < 3) {
                Thread.onSpinWait();
            }
            assertThat(uploads.append(id, 3, bytes("def"), null).finished()).isTrue();
            assertThatThrownBy(() -> first.get(10, TimeUnit.SECONDS)).cause().isInstanceOfSatisfying(
                KogataException.class, e -> assertThat(e.reason()).isEqualTo(Reason.STATE_WRONG));
        } finally {
            pool.shutdownNow();
        }
        assertThat(content(id)).isEqualTo("abcdef");
    }

    @Test
    void whoWantsToUseAnUploadDoesNotStopItsWriter() throws Exception {
        Uploads uploads = open();
        String id = uploads.create(3, metadata("a")).info().id();
        ExecutorService pool = Executors.newSingleThreadExecutor();
        try (PipedOutputStream client = new PipedOutputStream(); InputStream slow = new PipedInputStream(client)) {
            Future<UploadStatus> writing = pool.submit(() -> uploads.append(id, 0, slow, null));
            client.write(bytes("ab").readAllBytes());
            client.flush();
            while (uploads.status(id).offset() < 2) {
                Thread.onSpinWait();
            }
            assertRefused(Reason.STATE_WRONG, () -> uploads.claim(List.of("uploads/" + id)));
            client.write('c');
            client.close();
            assertThat(writing.get(10, TimeUnit.SECONDS).finished()).isTrue();
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void whatIsBeingUsedCannotBeChanged() throws IOException {
        Uploads uploads = open();
        String id = uploads.create(3, metadata("a")).info().id();
        uploads.append(id, 0, bytes("abc"), null);
        try (ClaimedUploads claimed = uploads.claim(List.of("uploads/" + id))) {
            assertRefused(Reason.STATE_WRONG, () -> uploads.terminate(id));
            assertRefused(Reason.STATE_WRONG, () -> uploads.claim(List.of("uploads/" + id)));
            claimed.used("models/m");
        }
        assertRefused(Reason.NOT_FOUND, () -> uploads.status(id));
        assertThat(uploads.usedBy("uploads/" + id)).isEqualTo("models/m");
    }

    @Test
    void unfinishedUploadsCannotBeUsed() throws IOException {
        Uploads uploads = open();
        String id = uploads.create(3, metadata("a")).info().id();
        assertRefused(Reason.UPLOAD_INCOMPLETE, () -> uploads.claim(List.of("uploads/" + id)));
        uploads.append(id, 0, bytes("abc"), null);
    }

    @Test
    void limitsAreNamed() throws IOException {
        Uploads uploads = open();
        assertThatThrownBy(() -> uploads.create(1001, metadata("a"))).isInstanceOfSatisfying(KogataException.class, e ->
            assertThat(e.metadata()).containsEntry("limit", "kogata.gateway.upload.max-bytes").containsEntry("value", "1000"));
        for (int i = 0; i < 3; i++) {
            uploads.create(1, metadata("a"));
        }
        assertRefused(Reason.LIMIT_EXCEEDED, () -> uploads.create(1, metadata("a")));
    }

    @Test
    @Tag("hostile-60")
    void whatNobodyWentOnWithExpiresAndIsSwept() throws IOException {
        String id = open().create(6, metadata("a")).info().id();
        Uploads later = new Uploads(folder, LIMITS, Clock.fixed(Instant.now().plus(Duration.ofHours(25)), ZoneOffset.UTC));
        assertRefused(Reason.NOT_FOUND, () -> later.append(id, 0, bytes("a"), null));
        later.sweep();
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void theSweepLeavesWhatIsAlive() throws IOException {
        Uploads uploads = open();
        String id = uploads.create(6, metadata("a")).info().id();
        uploads.sweep();
        assertThat(uploads.status(id).offset()).isZero();
    }

    @Test
    void idsThatNameOtherFilesAreNotFound() {
        for (String id : List.of("../secret", "", "x", "0".repeat(31) + "/")) {
            assertRefused(Reason.NOT_FOUND, () -> open().status(id));
        }
    }

    private Uploads open() {
        return new Uploads(folder, LIMITS, Clock.systemUTC());
    }

    private String content(String id) throws IOException {
        return Files.readString(folder.resolve(id + ".bytes"));
    }

    private static UploadMetadata metadata(String filename) {
        return new UploadMetadata("", filename, "");
    }

    private static InputStream bytes(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    private static InputStream breakingAfter(String text) {
        return new InputStream() {
            private int next;

            @Override
            public int read() throws IOException {
                if (next == text.length()) {
                    throw new IOException("connection reset");
                }
                return text.charAt(next++);
            }

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                buffer[offset] = (byte) read();
                return 1;
            }
        };
    }

    private static void assertRefused(Reason reason, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(KogataException.class, e -> assertThat(e.reason()).isEqualTo(reason));
    }
}
