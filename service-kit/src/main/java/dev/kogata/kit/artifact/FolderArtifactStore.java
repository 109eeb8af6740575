package dev.kogata.kit.artifact;

import dev.kogata.common.v1.Artifact;
import dev.kogata.kit.error.KogataException;
import dev.kogata.kit.fault.FaultPoint;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

/**
 * Artifacts as files of a folder: {@code sha256/ab/abcd...}. Written under {@code temp/}, forced to disk, then renamed.
 * Materialised by hard link where the target is on the same file system; stored files are read-only for that reason.
 */
public final class FolderArtifactStore implements ArtifactStore {
    private static final int BUFFER = 1 << 20;

    private final Path root;
    private final Path temp;
    private final boolean verify;

    /** A store in {@code root}, which is created. With {@code verify}, materialised artifacts are checked first. */
    public FolderArtifactStore(Path root, boolean verify) {
        this.root = root.toAbsolutePath().normalize();
        this.temp = this.root.resolve("temp");
        this.verify = verify;
        try {
            Files.createDirectories(temp);
        } catch (IOException e) {
            throw StorageError.of(e);
        }
    }

    @Override
    public Artifact put(InputStream bytes, String mediaType) {
        Path file = temp.resolve(UUID.randomUUID().toString());
        try {
            MessageDigest digest = Sha256.digest();
            long size;
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                    OutputStream out = new DigestOutputStream(Channels.newOutputStream(channel), digest)) {
                size = copy(bytes, out);
                channel.force(true);
            }
            return publish(file, Sha256.hex(digest.digest()), size, mediaType);
        } catch (IOException e) {
            throw StorageError.of(e);
        } finally {
            TemporaryFiles.discard(file);
        }
    }

    @Override
    public Artifact adopt(Path file, String mediaType) {
        try {
            Path own = temp.resolve(UUID.randomUUID().toString());
            try {
                // First the move, so that nobody can change the bytes between hashing and naming.
                Files.move(file, own, StandardCopyOption.ATOMIC_MOVE);
            } catch (AtomicMoveNotSupportedException e) {
                Artifact artifact = put(file, mediaType);
                Files.delete(file);
                return artifact;
            }
            try {
                try (FileChannel channel = FileChannel.open(own, StandardOpenOption.WRITE)) {
                    channel.force(true);
                }
                return publish(own, TemporaryFiles.sha256(own), Files.size(own), mediaType);
            } finally {
                TemporaryFiles.discard(own);
            }
        } catch (IOException e) {
            throw StorageError.of(e);
        }
    }

    @Override
    public InputStream open(String sha256) {
        try {
            return new VerifyingStream(Files.newInputStream(existing(sha256)), sha256);
        } catch (IOException e) {
            throw StorageError.of(e);
        }
    }

    @Override
    public InputStream open(String sha256, long offset, long length) {
        if (offset < 0 || length < 0) {
            throw KogataException.invalid("range", "A range of " + length + " bytes from " + offset + " is not possible.");
        }
        try {
            FileChannel channel = FileChannel.open(existing(sha256), StandardOpenOption.READ);
            channel.position(offset);
            return new LimitedStream(Channels.newInputStream(channel), length);
        } catch (IOException e) {
            throw StorageError.of(e);
        }
    }

    @Override
    public void materialise(String sha256, Path target) {
        Path source = existing(sha256);
        try {
            if (verify && !TemporaryFiles.sha256(source).equals(sha256)) {
                throw VerifyingStream.damaged(sha256);
            }
            Files.deleteIfExists(target);
            try {
                Files.createLink(target, source);
            } catch (FileSystemException | UnsupportedOperationException e) {
                // Another file system, too many links, or links forbidden: a copy does as well.
                Files.copy(source, target, StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw StorageError.of(e);
        }
    }

    @Override
    public long size(String sha256) {
        try {
            return Files.size(existing(sha256));
        } catch (IOException e) {
            throw StorageError.of(e);
        }
    }

    @Override
    public boolean exists(String sha256) {
        return Files.isRegularFile(path(sha256));
    }

    @Override
    public boolean delete(String sha256) {
        try {
            return Files.deleteIfExists(path(sha256));
        } catch (IOException e) {
            throw StorageError.of(e);
        }
    }

    @Override
    public int sweep(Duration age) {
        return TemporaryFiles.sweep(temp, Instant.now().minus(age));
    }

    /** Gives a complete, durable file its name. It replaces one that is there: a bit of that may have flipped, and this one is known to be whole. */
    private Artifact publish(Path file, String sha256, long size, String mediaType) throws IOException {
        Path target = path(sha256);
        file.toFile().setReadOnly();
        Files.createDirectories(target.getParent());
        FaultPoint.reach("artifact.before-rename");
        Files.move(file, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        FaultPoint.reach("artifact.after-rename");
        force(target.getParent());
        return Artifacts.of(sha256, size, mediaType);
    }

    /** Makes a rename durable. */
    private static void force(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private Path existing(String sha256) {
        Path file = path(sha256);
        if (!Files.isRegularFile(file)) {
            throw KogataException.notFound("The artifact", Artifacts.URI_PREFIX + sha256);
        }
        return file;
    }

    private Path path(String sha256) {
        return root.resolve("sha256").resolve(Sha256.checked(sha256).substring(0, 2)).resolve(sha256);
    }

    private static long copy(InputStream in, OutputStream out) throws IOException {
        byte[] buffer = new byte[BUFFER];
        long size = 0;
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            out.write(buffer, 0, n);
            FaultPoint.reach("artifact.mid-file");
            size += n;
        }
        return size;
    }
}
