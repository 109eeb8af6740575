package dev.kogata.kit.artifact;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kogata.common.v1.Artifact;
import dev.kogata.common.v1.Reason;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/** Over a server in this process, or over the one that {@code KOGATA_TEST_S3_ENDPOINT} names (credentials in the usual variables). */
class S3ArtifactStoreTest extends ArtifactStoreContract {
    private static final int PART = 5 << 20; // the least that S3 takes

    @TempDir
    static Path served;

    private static S3Server server;
    private final String bucket = "kogata-" + UUID.randomUUID();

    @BeforeAll
    static void serve() throws Exception {
        server = S3Server.start(served);
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    @AfterEach
    void close() {
        ((S3ArtifactStore) store).close();
    }

    @Override
    ArtifactStore newStore() {
        S3Client client = client();
        client.createBucket(r -> r.bucket(bucket));
        return new S3ArtifactStore(client, bucket, "a/prefix", folder.resolve("transfer"), PART);
    }

    @Override
    void damage(String text) {
        try (S3Client client = client()) {
            client.putObject(r -> r.bucket(bucket).key("a/prefix/sha256/ba/" + ABC), RequestBody.fromString(text));
        }
    }

    @Override
    List<String> names() throws IOException {
        List<String> names = new ArrayList<>();
        try (S3Client client = client(); Stream<Path> local = Files.list(folder.resolve("transfer"))) {
            // Servers over a file system list folders too.
            client.listObjectsV2(r -> r.bucket(bucket)).contents().stream().filter(object -> !object.key().endsWith("/"))
                    .forEach(object -> names.add(object.key().replace("a/prefix/", "")));
            local.forEach(file -> names.add(file.getFileName().toString()));
        }
        return names;
    }

    @Test
    void sendsWhatIsLargerThanOnePartInParts() throws IOException {
        byte[] bytes = new byte[2 * PART + 12345];
        new Random(1).nextBytes(bytes);
        Artifact artifact = store.put(new ByteArrayInputStream(bytes), "application/octet-stream");
        try (InputStream in = store.open(artifact.getSha256())) {
            assertThat(in.readAllBytes()).isEqualTo(bytes);
        }
        try (InputStream in = store.open(artifact.getSha256(), PART - 1, 2)) {
            assertThat(in.readAllBytes()).containsExactly(bytes[PART - 1], bytes[PART]);
        }
        assertThat(names()).hasSize(1);
    }

    @Test
    void endsUploadsThatInterruptedWritersLeft() throws IOException {
        Files.writeString(folder.resolve("transfer/old"), "half");
        try (S3Client client = client()) {
            client.createMultipartUpload(r -> r.bucket(bucket).key("a/prefix/sha256/ab/begun"));
            assertThat(store.sweep(Duration.ofSeconds(-5))).isEqualTo(2);
            assertThat(client.listMultipartUploads(r -> r.bucket(bucket)).uploads()).isEmpty();
        }
        assertThat(names()).isEmpty();
    }

    @Test
    void saysThatAStoreIsAway() {
        try (S3Client nobody = S3Client.builder().endpointOverride(URI.create("http://127.0.0.1:1")).region(Region.US_EAST_1).forcePathStyle(true)
                .httpClientBuilder(UrlConnectionHttpClient.builder()).credentialsProvider(server.credentials()).build()) {
            ArtifactStore away = new S3ArtifactStore(nobody, bucket, "", folder.resolve("transfer"));
            assertThat(refusal(() -> away.exists(ABC)).reason()).isEqualTo(Reason.UNAVAILABLE);
        }
    }

    private static S3Client client() {
        return S3ArtifactStore.client(Region.US_EAST_1).endpointOverride(server.endpoint()).forcePathStyle(true)
                .credentialsProvider(server.credentials()).build();
    }
}
