package dev.kogata.standalone.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a server that speaks just enough tus, and cuts the first connection in the middle of the bytes. */
class UploaderTest {
    @TempDir
    Path folder;

    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private final List<String> offsets = new ArrayList<>();
    private HttpServer server;
    private String metadata;
    private int refusal;
    private boolean cut;
    private boolean refuseNext;
    private int creations;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v1/uploads", this::handle);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void anUploadThatIsCutOffGoesOnAtTheByteItHadReached() throws Exception {
        byte[] bytes = new byte[5_000_000];
        new Random(7).nextBytes(bytes);
        Path file = Files.write(folder.resolve("weights"), bytes);
        cut = true;
        assertThat(uploader().upload(file, "onnx/weights.bin")).isEqualTo("uploads/42");
        assertThat(received.toByteArray()).isEqualTo(bytes);
        assertThat(offsets).hasSize(2).startsWith("0").doesNotHaveDuplicates();
        assertThat(metadata).isEqualTo("filename " + Base64.getEncoder().encodeToString("onnx/weights.bin".getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void aLaterCommandGoesOnWithTheBytesThatWereSent() throws Exception {
        byte[] bytes = new byte[3_000_000];
        new Random(8).nextBytes(bytes);
        Path file = Files.write(folder.resolve("weights"), bytes);
        cut = true;
        refuseNext = true;
        assertThatThrownBy(() -> uploader().upload(file, "weights")).isInstanceOf(GatewayFailure.class);
        assertThat(received.size()).isEqualTo(1_234_567);
        refusal = 0;
        assertThat(uploader().upload(file, "weights")).isEqualTo("uploads/42");
        assertThat(received.toByteArray()).isEqualTo(bytes);
        assertThat(creations).isEqualTo(1);
    }

    @Test
    void anEmptyFileIsUploadedToo() throws Exception {
        Path file = Files.createFile(folder.resolve("empty"));
        assertThat(uploader().upload(file, "empty")).isEqualTo("uploads/42");
        assertThat(received.size()).isZero();
    }

    @Test
    void aRefusalSaysWhy() throws Exception {
        refusal = 413;
        Path file = Files.writeString(folder.resolve("large"), "x");
        assertThatThrownBy(() -> uploader().upload(file, "large"))
                .hasMessageContaining("larger than the installation allows")
                .isInstanceOfSatisfying(GatewayFailure.class, failure -> {
                    assertThat(failure.reason()).isEqualTo("LIMIT_EXCEEDED");
                    assertThat(failure.kind()).isEqualTo(GatewayFailure.Kind.REFUSED);
                });
    }

    private Uploader uploader() {
        return new Uploader(new Gateway(URI.create("http://127.0.0.1:" + server.getAddress().getPort())), folder.resolve("uploads.properties"));
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            boolean patch = "PATCH".equals(exchange.getRequestHeaders().getFirst("X-HTTP-Method-Override")) || exchange.getRequestMethod().equals("PATCH");
            if (patch) {
                offsets.add(exchange.getRequestHeaders().getFirst("Upload-Offset"));
                if (cut) {
                    cut = false;
                    received.write(exchange.getRequestBody().readNBytes(1_234_567));
                    refusal = refuseNext ? 403 : 0;
                    throw new IOException("cut");
                }
                received.write(exchange.getRequestBody().readAllBytes());
            } else if (exchange.getRequestMethod().equals("POST")) {
                creations++;
                metadata = exchange.getRequestHeaders().getFirst("Upload-Metadata");
                exchange.getResponseHeaders().set("Location", "/v1/uploads/42");
            }
            exchange.getResponseHeaders().set("Tus-Resumable", "1.0.0");
            exchange.getResponseHeaders().set("Upload-Offset", Integer.toString(received.size()));
            exchange.sendResponseHeaders(refusal != 0 ? refusal : patch ? 204 : exchange.getRequestMethod().equals("POST") ? 201 : 200, -1);
        }
    }
}
