package dev.kogata.gateway.upload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kogata.gateway.GatewayUnderTest;
import dev.kogata.gateway.RestClient;
import dev.kogata.gateway.RestClient.Answer;
import dev.kogata.kit.artifact.Sha256;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.tus.java.client.TusClient;
import io.tus.java.client.TusURLMemoryStore;
import io.tus.java.client.TusUpload;
import io.tus.java.client.TusUploader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Needs the framework: tus is headers and statuses, and a stream that breaks is one of the server's. */
@QuarkusTest
@QuarkusTestResource(GatewayUnderTest.class)
class UploadResourceTest {
    private static final byte[] CONTENT = random(300_000);

    @TestHTTPResource("/")
    URI base;
    private RestClient rest;

    @BeforeEach
    void connect() {
        rest = new RestClient(base);
    }

    @Test
    void aLostAnswerToACreationIsGivenAgainForItsKey() {
        String[] created = {"Tus-Resumable", "1.0.0", "Upload-Length", "4", "Idempotency-Key", "created once"};
        Answer first = rest.send("POST", "/v1/uploads", new byte[0], created);
        rest.patch(first.header("Location"), 0, new byte[3]);
        Answer second = rest.send("POST", "/v1/uploads", new byte[0], created);
        assertThat(second.header("Location")).isEqualTo(first.header("Location"));
        assertThat(second.header("Upload-Offset")).as("where it stands").isEqualTo("3");
    }

    @Test
    void saysWhatItCanDo() {
        Answer answer = rest.send("OPTIONS", "/v1/uploads", new byte[0]);
        assertThat(answer.status()).isEqualTo(204);
        assertThat(answer.header("Tus-Version")).isEqualTo("1.0.0");
        assertThat(answer.header("Tus-Extension").split(",")).contains("creation", "checksum", "expiration", "termination");
        assertThat(answer.header("Tus-Checksum-Algorithm").split(",")).contains("sha256");
        assertThat(answer.header("Tus-Max-Size")).isEqualTo("100000000");
    }

    @Test
    void takesAFileInPieces() {
        String path = create(6, "").header("Location");
        assertThat(rest.patch(path, 0, bytes("abc")).status()).isEqualTo(204);
        Answer head = rest.head(path);
        assertThat(head.header("Upload-Offset")).isEqualTo("3");
        assertThat(head.header("Upload-Length")).isEqualTo("6");
        assertThat(head.header("Cache-Control")).isEqualTo("no-store");
        assertThat(head.header("Upload-Expires")).endsWith("GMT");
        assertThat(head.header("Upload-Metadata")).startsWith("filename ");
        assertThat(rest.patch(path, 3, bytes("def")).header("Upload-Offset")).isEqualTo("6");
    }

    @Test
    @Tag("hostile-60")
    void aWrongOffsetIsAConflict() {
        String path = create(6, "").header("Location");
        rest.patch(path, 0, bytes("abc"));
        Answer answer = rest.patch(path, 2, bytes("c"));
        assertThat(answer.status()).isEqualTo(409);
        assertThat(answer.reason()).isEqualTo("UPLOAD_OFFSET_WRONG");
        assertThat(answer.json().path("metadata").path("offset").asText()).isEqualTo("3");
    }

    @Test
    void goesOnWhereABrokenConnectionEnded() throws IOException {
        String path = create(CONTENT.length, Sha256.of(CONTENT)).header("Location");
        try (Socket socket = new Socket(base.getHost(), base.getPort())) {
            OutputStream out = socket.getOutputStream();
            out.write(bytes("PATCH " + path + " HTTP/1.1\r\nHost: x\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n"
                + "Content-Type: application/offset+octet-stream\r\nContent-Length: " + CONTENT.length + "\r\n\r\n"));
            out.write(CONTENT, 0, 100_000);
            out.flush();
            while (offset(path) < 100_000) {
                Thread.onSpinWait();
            }
        }
        assertThat(rest.patch(path, 100_000, Arrays.copyOfRange(CONTENT, 100_000, CONTENT.length)).status()).isEqualTo(204);
        assertThat(offset(path)).isEqualTo(CONTENT.length);
    }

    @Test
    void aWrongChecksumOfAPieceKeepsNothingOfIt() {
        String path = create(6, "").header("Location");
        String sum = "sha256 " + Base64.getEncoder().encodeToString(Sha256.digest().digest(bytes("abc")));
        Answer wrong = rest.patch(path, 0, bytes("abX"), "Upload-Checksum", sum);
        assertThat(wrong.status()).isEqualTo(460);
        assertThat(wrong.reason()).isEqualTo("CHECKSUM_MISMATCH");
        assertThat(offset(path)).isZero();
        assertThat(rest.patch(path, 0, bytes("abc"), "Upload-Checksum", sum).status()).isEqualTo(204);
        assertThat(rest.patch(path, 3, bytes("def"), "Upload-Checksum", "crc32 AAAA").status()).isEqualTo(400);
    }

    @Test
    @Tag("hostile-9")
    void aWrongSha256OfTheWholeRemovesIt() {
        String path = create(3, Sha256.of(bytes("abc"))).header("Location");
        assertThat(rest.patch(path, 0, bytes("abX")).status()).isEqualTo(460);
        assertThat(rest.head(path).status()).isEqualTo(404);
    }

    @Test
    void terminatedUploadsAreGone() {
        String path = create(3, "").header("Location");
        assertThat(rest.send("DELETE", path, new byte[0], "Tus-Resumable", "1.0.0").status()).isEqualTo(204);
        assertThat(rest.head(path).status()).isEqualTo(404);
        assertThat(rest.patch(path, 0, bytes("abc")).reason()).isEqualTo("NOT_FOUND");
    }

    @Test
    void otherVersionsOfTheProtocolAreRefused() {
        Answer answer = rest.send("POST", "/v1/uploads", new byte[0], "Tus-Resumable", "0.2.2", "Upload-Length", "3");
        assertThat(answer.status()).isEqualTo(412);
        assertThat(answer.header("Tus-Version")).isEqualTo("1.0.0");
    }

    @Test
    void uploadsOverTheLimitAreRefusedAtOnce() {
        Answer answer = create(100_000_001, "");
        assertThat(answer.status()).isEqualTo(413);
        assertThat(answer.reason()).isEqualTo("LIMIT_EXCEEDED");
        assertThat(answer.json().path("metadata").path("limit").asText()).isEqualTo("kogata.gateway.upload.max-bytes");
    }

    @Test
    void otherMediaTypesAndMissingHeadersAreRefused() {
        String path = create(3, "").header("Location");
        assertThat(rest.send("PATCH", path, bytes("abc"), "Tus-Resumable", "1.0.0", "Upload-Offset", "0", "Content-Type", "text/plain")
            .status()).isEqualTo(415);
        assertThat(rest.send("PATCH", path, bytes("abc"), "Tus-Resumable", "1.0.0", "Content-Type", "application/offset+octet-stream")
            .json().path("metadata").path("field").asText()).isEqualTo("Upload-Offset");
    }

    @Test
    void theProjectsOwnJavaClientUploadsPausesAndResumes() throws Exception {
        TusClient client = new TusClient();
        client.setUploadCreationURL(rest.uri("/v1/uploads").toURL());
        client.enableResuming(new TusURLMemoryStore());
        TusUploader first = client.resumeOrCreateUpload(tusUpload());
        first.setChunkSize(50_000);
        first.setRequestPayloadSize(50_000);
        first.uploadChunk();
        first.finish(false);
        TusUploader second = client.resumeOrCreateUpload(tusUpload());
        assertThat(second.getUploadURL()).isEqualTo(first.getUploadURL());
        assertThat(second.getOffset()).isEqualTo(50_000);
        while (second.uploadChunk() > -1) {
            continue;
        }
        second.finish();
        assertThat(offset(second.getUploadURL().getPath())).isEqualTo(CONTENT.length);
    }

    private static TusUpload tusUpload() {
        TusUpload upload = new TusUpload();
        upload.setInputStream(new ByteArrayInputStream(CONTENT));
        upload.setSize(CONTENT.length);
        upload.setFingerprint("content");
        upload.setMetadata(Map.of("filename", "bundle.tar", "sha256", Sha256.of(CONTENT)));
        return upload;
    }

    private Answer create(long length, String sha256) {
        return rest.create(length, "folder/file.bin", sha256);
    }

    private long offset(String path) {
        return Long.parseLong(rest.head(path).header("Upload-Offset"));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] random(int count) {
        byte[] bytes = new byte[count];
        new Random(7).nextBytes(bytes);
        return bytes;
    }
}
