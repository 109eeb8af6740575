package dev.kogata.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Asks a gateway as scripts do: real HTTP/1.1, any method, any header. */
public final class RestClient {
    private static final JsonMapper JSON = new JsonMapper();

    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI base;

    public RestClient(URI base) {
        this.base = base;
    }

    /** An answer. */
    public record Answer(int status, byte[] body, HttpResponse<byte[]> raw) {
        public JsonNode json() {
            try {
                return JSON.readTree(body);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        public String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        public String header(String name) {
            return raw.headers().firstValue(name).orElse(null);
        }

        /** The reason of a problem document. */
        public String reason() {
            return json().path("reason").asText();
        }
    }

    public URI uri(String path) {
        return base.resolve(path);
    }

    public HttpClient http() {
        return http;
    }

    public Answer get(String path, String... headers) {
        return send("GET", path, new byte[0], headers);
    }

    public Answer post(String path, String json, String... headers) {
        return send(builder(path, headers).header("Content-Type", "application/json").POST(BodyPublishers.ofString(json)));
    }

    public Answer send(String method, String path, byte[] body, String... headers) {
        return send(builder(path, headers).method(method, body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body)));
    }

    /** Creates an upload; answers with its path. */
    public Answer create(long length, String filename, String sha256) {
        String metadata = "filename " + base64(filename) + (sha256.isEmpty() ? "" : ",sha256 " + base64(sha256));
        return send("POST", "/v1/uploads", new byte[0], "Tus-Resumable", "1.0.0", "Upload-Length", Long.toString(length),
            "Upload-Metadata", metadata);
    }

    /** Sends bytes to an upload. */
    public Answer patch(String path, long offset, byte[] bytes, String... headers) {
        HttpRequest.Builder request = builder(path, headers).header("Tus-Resumable", "1.0.0")
            .header("Upload-Offset", Long.toString(offset)).header("Content-Type", "application/offset+octet-stream");
        return send(request.method("PATCH", BodyPublishers.ofByteArray(bytes)));
    }

    public Answer head(String path) {
        return send("HEAD", path, new byte[0], "Tus-Resumable", "1.0.0");
    }

    /** Uploads a whole file; answers with the name {@code uploads/ID}. */
    public String upload(String filename, byte[] bytes) {
        Answer created = create(bytes.length, filename, "");
        patch(created.header("Location"), 0, bytes);
        return created.json().path("name").asText();
    }

    private HttpRequest.Builder builder(String path, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path));
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return request;
    }

    private Answer send(HttpRequest.Builder request) {
        try {
            HttpResponse<byte[]> response = http.send(request.build(), BodyHandlers.ofByteArray());
            return new Answer(response.statusCode(), response.body(), response);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
