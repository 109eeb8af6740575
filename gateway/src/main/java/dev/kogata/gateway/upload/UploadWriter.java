package dev.kogata.gateway.upload;

import dev.kogata.common.v1.Reason;
import dev.kogata.gateway.problem.Refusal;
import dev.kogata.kit.artifact.Sha256;
import dev.kogata.kit.artifact.StorageError;
import dev.kogata.kit.error.KogataException;
import dev.kogata.kit.fault.FaultPoint;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Metrics;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.util.Map;
import java.util.Optional;

/** Moves bytes of a request into an upload's file, and checks them. Its caller holds the upload's turn. */
final class UploadWriter {
    private static final int BUFFER = 128 * 1024;

    private final UploadFolder folder;
    private final RunningDigests digests = new RunningDigests();
    /** {@code kogata_upload_bytes_total}. */
    private final Counter received = Metrics.counter("kogata.upload.bytes");

    UploadWriter(UploadFolder folder) {
        this.folder = folder;
    }

    void append(UploadInfo info, long offset, InputStream bytes, Checksum checksum) throws IOException {
        if (checksum == null) {
            copy(info, offset, bytes, null);
        } else {
            folder.beginUnchecked(info.id(), offset);
            MessageDigest digest = checksum.digest();
            try {
                copy(info, offset, bytes, digest);
                if (!checksum.matches(digest)) {
                    throw mismatch("These bytes do not have the checksum that came with them. None was kept: send them again.");
                }
            } catch (IOException | RuntimeException e) {
                folder.truncate(info.id(), offset);
                throw e;
            } finally {
                folder.endUnchecked(info.id());
            }
        }
        if (Files.size(folder.bytes(info.id())) == info.length()) {
            verify(info);
        }
    }

    /** Hashes what it has written while it is at hand. A write that failed half-way leaves another length than the digest has, which is then not used. */
    private void copy(UploadInfo info, long offset, InputStream bytes, MessageDigest digest) throws IOException {
        byte[] buffer = new byte[(int) Math.min(BUFFER, Math.max(1, info.length() - offset))];
        long left = info.length() - offset;
        Optional<MessageDigest> whole = info.sha256().isEmpty() ? Optional.empty() : digests.take(info.id(), offset);
        try (FileOutputStream out = folder.append(info.id())) {
            try {
                while (true) {
                    int count = read(info, bytes, buffer);
                    if (count < 0) {
                        return;
                    }
                    if (count > left) {
                        throw Refusal.argument("Upload-Length", "There came more bytes than the " + info.length() + " of Upload-Length.");
                    }
                    if (digest != null) {
                        digest.update(buffer, 0, count);
                    }
                    write(out, buffer, count);
                    whole.ifPresent(it -> it.update(buffer, 0, count));
                    FaultPoint.reach("upload.mid-file");
                    received.increment(count);
                    left -= count;
                }
            } finally {
                out.getFD().sync();
                long reached = info.length() - left;
                whole.ifPresent(it -> digests.keep(info.id(), it, reached));
            }
        } catch (KogataException e) {
            if (e.reason() == Reason.ARGUMENT_INVALID) {
                folder.truncate(info.id(), offset);
            }
            throw e;
        }
    }

    private static int read(UploadInfo info, InputStream bytes, byte[] buffer) {
        try {
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedIOException();
            }
            return bytes.read(buffer);
        } catch (InterruptedIOException e) {
            throw new KogataException(Reason.STATE_WRONG, "Another request goes on with the upload " + info.name() + ".",
                Map.of("state", "TAKEN_OVER"), e);
        } catch (IOException e) {
            throw new KogataException(Reason.UPLOAD_INCOMPLETE, "The bytes stopped coming. Ask for the offset and go on from there.",
                Map.of("upload", info.name()), e);
        }
    }

    private static void write(FileOutputStream out, byte[] buffer, int count) throws IOException {
        try {
            out.write(buffer, 0, count);
        } catch (IOException e) {
            throw StorageError.of(e);
        }
    }

    /** Checks a finished upload against the SHA-256 announced, and removes it where they differ: no byte of it is trusted. */
    void verify(UploadInfo info) throws IOException {
        if (info.sha256().isEmpty()) {
            return;
        }
        Optional<MessageDigest> running = digests.take(info.id(), info.length());
        String sha256 = Sha256.hex((running.isPresent() ? running.get() : read(info)).digest());
        if (!sha256.equals(info.sha256())) {
            folder.delete(info.id());
            throw mismatch("The upload has the SHA-256 " + sha256 + ", not the announced " + info.sha256() + ". It was removed: send it anew.");
        }
    }

    private MessageDigest read(UploadInfo info) throws IOException {
        MessageDigest digest = Sha256.digest();
        try (InputStream in = Files.newInputStream(folder.bytes(info.id()))) {
            byte[] buffer = new byte[BUFFER];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                digest.update(buffer, 0, count);
            }
        }
        return digest;
    }

    private static KogataException mismatch(String message) {
        return new KogataException(Reason.CHECKSUM_MISMATCH, message, Map.of());
    }
}
