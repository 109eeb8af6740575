package dev.kogata.kit.artifact;

import dev.kogata.common.v1.Artifact;
import dev.kogata.common.v1.Reason;
import dev.kogata.kit.config.KogataConfig;
import dev.kogata.kit.error.KogataException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Artifacts as objects of a bucket: {@code PREFIX/sha256/ab/abcd...}. What is put is written to a local file first, hashed, then
 * sent: an object has its name only when it is whole, since S3 shows nothing of an upload that was not completed. Objects of
 * more than one part go by multipart upload. Materialised files are downloaded and checked; they share nothing with the store.
 */
public final class S3ArtifactStore implements ArtifactStore, AutoCloseable {
    /** Part of a multipart upload: 10,000 of them hold 625 GiB. */
    private static final long PART = 64L << 20;
    private static final int BUFFER = 1 << 20;
    private static final int NOT_FOUND = 404;

    private final S3Client s3;
    private final String bucket;
    private final String prefix;
    private final Path temp;
    private final long part;

    /**
     * A store in a bucket that exists.
     *
     * @param s3 client, closed with this store
     * @param prefix what all keys begin with, without a slash at its end; may be empty
     * @param temp local folder for bytes on their way, created
     */
    public S3ArtifactStore(S3Client s3, String bucket, String prefix, Path temp) {
        this(s3, bucket, prefix, temp, PART);
    }

    S3ArtifactStore(S3Client s3, String bucket, String prefix, Path temp, long part) {
        this.s3 = s3;
        this.bucket = bucket;
        this.prefix = prefix.isEmpty() ? "" : prefix + "/";
        this.temp = temp.toAbsolutePath().normalize();
        this.part = part;
        try {
            Files.createDirectories(this.temp);
        } catch (IOException e) {
            throw StorageError.of(e);
        }
    }

    /** The store at {@code s3://BUCKET[/PREFIX]}; {@code UNAVAILABLE} where the bucket cannot be reached. */
    static S3ArtifactStore open(URI url, KogataConfig.S3 config) {
        if (url.getHost() == null) {
            throw KogataException.invalid("kogata.artifacts.url", "The artifact store '" + url + "' names no bucket; use s3://BUCKET.");
        }
        S3ClientBuilder builder = client(Region.of(config.region()));
        config.endpoint().ifPresent(endpoint -> builder.endpointOverride(endpoint).forcePathStyle(true));
        return new S3ArtifactStore(builder.build(), url.getHost(), url.getPath().replaceAll("^/+|/+$", ""), config.folder());
    }

    static S3ClientBuilder client(Region region) {
        return S3Client.builder().region(region).httpClientBuilder(UrlConnectionHttpClient.builder())
                // Artifacts carry a SHA-256 of their own; stores other than Amazon's do not know the newer checksums.
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED);
    }

    @Override
    public Artifact put(InputStream bytes, String mediaType) {
        Path file = temp.resolve(UUID.randomUUID().toString());
        try {
            MessageDigest digest = Sha256.digest();
            try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW)) {
                new DigestInputStream(bytes, digest).transferTo(out);
            }
            return publish(file, Sha256.hex(digest.digest()), mediaType);
        } catch (IOException e) {
            throw StorageError.of(e);
        } finally {
            TemporaryFiles.discard(file);
        }
    }

    @Override
    public Artifact adopt(Path file, String mediaType) {
        Path own = temp.resolve(UUID.randomUUID().toString());
        try {
            try {
                // First the move, so that nobody can change the bytes between hashing and sending.
                Files.move(file, own, StandardCopyOption.ATOMIC_MOVE);
            } catch (AtomicMoveNotSupportedException e) {
                Files.move(file, own);
            }
            return publish(own, TemporaryFiles.sha256(own), mediaType);
        } catch (IOException e) {
            throw StorageError.of(e);
        } finally {
            TemporaryFiles.discard(own);
        }
    }

    @Override
    public InputStream open(String sha256) {
        return new VerifyingStream(get(sha256, null), sha256);
    }

    @Override
    public InputStream open(String sha256, long offset, long length) {
        if (offset < 0 || length < 0) {
            throw KogataException.invalid("range", "A range of " + length + " bytes from " + offset + " is not possible.");
        }
        // S3 refuses ranges without a byte in them.
        if (offset >= size(sha256) || length == 0) {
            return InputStream.nullInputStream();
        }
        long last = offset + length - 1;
        return get(sha256, "bytes=" + offset + "-" + (last < offset ? "" : last));
    }

    @Override
    public void materialise(String sha256, Path target) {
        Path file = target.resolveSibling("." + UUID.randomUUID());
        try {
            try (InputStream in = open(sha256); OutputStream out = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW)) {
                byte[] buffer = new byte[BUFFER];
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    out.write(buffer, 0, n);
                }
            }
            Files.move(file, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw StorageError.of(e);
        } finally {
            TemporaryFiles.discard(file);
        }
    }

    @Override
    public long size(String sha256) {
        String key = key(sha256);
        return found(sha256, () -> s3.headObject(r -> r.bucket(bucket).key(key)).contentLength());
    }

    @Override
    public boolean exists(String sha256) {
        try {
            size(sha256);
            return true;
        } catch (KogataException e) {
            if (e.reason() == Reason.NOT_FOUND) {
                return false;
            }
            throw e;
        }
    }

    @Override
    public boolean delete(String sha256) {
        boolean existed = exists(sha256);
        String key = key(sha256);
        call(() -> s3.deleteObject(r -> r.bucket(bucket).key(key)));
        return existed;
    }

    /** Also ends multipart uploads begun before that: their parts cost space and are seen by nobody. */
    @Override
    public int sweep(Duration age) {
        Instant limit = Instant.now().minus(age);
        int swept = TemporaryFiles.sweep(temp, limit);
        List<MultipartUpload> uploads = call(() -> s3.listMultipartUploads(r -> r.bucket(bucket).prefix(prefix)).uploads());
        for (MultipartUpload upload : uploads) {
            if (upload.initiated().isBefore(limit)) {
                call(() -> s3.abortMultipartUpload(r -> r.bucket(bucket).key(upload.key()).uploadId(upload.uploadId())));
                swept++;
            }
        }
        return swept;
    }

    @Override
    public void close() {
        s3.close();
    }

    private Artifact publish(Path file, String sha256, String mediaType) throws IOException {
        long size = Files.size(file);
        String key = key(sha256);
        if (!exists(sha256) || size(sha256) != size) {
            if (size <= part) {
                call(() -> s3.putObject(r -> r.bucket(bucket).key(key).contentType(mediaType), RequestBody.fromFile(file)));
            } else {
                sendParts(file, key, size, mediaType);
            }
        }
        return Artifacts.of(sha256, size, mediaType);
    }

    private void sendParts(Path file, String key, long size, String mediaType) throws IOException {
        String upload = call(() -> s3.createMultipartUpload(r -> r.bucket(bucket).key(key).contentType(mediaType)).uploadId());
        boolean complete = false;
        try {
            List<CompletedPart> parts = new ArrayList<>();
            for (long offset = 0; offset < size; offset += part) {
                long from = offset;
                long length = Math.min(part, size - offset);
                int number = parts.size() + 1;
                // A fresh stream for every attempt: the client repeats a part that failed.
                RequestBody body = RequestBody.fromContentProvider(() -> slice(file, from, length), length, "application/octet-stream");
                String tag = call(() -> s3.uploadPart(r -> r.bucket(bucket).key(key).uploadId(upload).partNumber(number), body).eTag());
                parts.add(CompletedPart.builder().partNumber(number).eTag(tag).build());
            }
            call(() -> s3.completeMultipartUpload(r -> r.bucket(bucket).key(key).uploadId(upload).multipartUpload(m -> m.parts(parts))));
            complete = true;
        } finally {
            if (!complete) {
                try {
                    s3.abortMultipartUpload(r -> r.bucket(bucket).key(key).uploadId(upload));
                } catch (SdkException e) {
                    // The sweep ends it later; the error that led here is the one to tell.
                }
            }
        }
    }

    private static InputStream slice(Path file, long offset, long length) {
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
            channel.position(offset);
            return new LimitedStream(Channels.newInputStream(channel), length);
        } catch (IOException e) {
            throw StorageError.of(e);
        }
    }

    private ResponseInputStream<GetObjectResponse> get(String sha256, String range) {
        String key = key(sha256);
        return found(sha256, () -> s3.getObject(r -> r.bucket(bucket).key(key).range(range)));
    }

    private <T> T found(String sha256, Supplier<T> request) {
        return call(() -> {
            try {
                return request.get();
            } catch (NoSuchKeyException e) {
                throw absent(sha256);
            } catch (S3Exception e) {
                throw e.statusCode() == NOT_FOUND ? absent(sha256) : e;
            }
        });
    }

    private static KogataException absent(String sha256) {
        return KogataException.notFound("The artifact", Artifacts.URI_PREFIX + sha256);
    }

    private static <T> T call(Supplier<T> request) {
        try {
            return request.get();
        } catch (SdkException e) {
            throw StorageError.of(new IOException(e.getMessage(), e));
        }
    }

    private String key(String sha256) {
        return prefix + "sha256/" + Sha256.checked(sha256).substring(0, 2) + "/" + sha256;
    }
}
