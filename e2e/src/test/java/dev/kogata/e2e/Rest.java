package dev.kogata.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** The gateway's REST as a program without the command line would use it. Thread-safe. */
final class Rest {

    /** An answer with JSON. */
    record Answer(int status, JsonNode body) {}

    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final ObjectMapper JSON = new ObjectMapper();

    private Rest() {}

    static JsonNode get(String url) throws IOException, InterruptedException {
        Answer answer = send(HttpRequest.newBuilder(URI.create(url)).build());
        if (answer.status() != 200) {
            throw new AssertionError(url + " answered " + answer);
        }
        return answer.body();
    }

    /** A list, from where a stream would come without asking for JSON. */
    static JsonNode list(String url) throws IOException, InterruptedException {
        Answer answer = send(HttpRequest.newBuilder(URI.create(url)).header("Accept", "application/json").build());
        if (answer.status() != 200 || !answer.body().isArray()) {
            throw new AssertionError(url + " answered " + answer);
        }
        return answer.body();
    }

    /** The body of an answer that is no JSON. */
    static String text(String url) throws IOException, InterruptedException {
        HttpResponse<String> answer = CLIENT.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new AssertionError(url + " answered " + answer.statusCode());
        }
        return answer.body();
    }

    static Answer post(String url, String json) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(URI.create(url)).header("Content-Type", "application/json").POST(BodyPublishers.ofString(json)).build());
    }

    /** Deletes a resource; returns the answer's status. */
    static int delete(String url) throws IOException, InterruptedException {
        return CLIENT.send(HttpRequest.newBuilder(URI.create(url)).DELETE().build(), HttpResponse.BodyHandlers.discarding()).statusCode();
    }

    /** Status of the answer about a resource. */
    static int status(String url) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(URI.create(url)).build()).status();
    }

    /** Uploads bytes by tus 1.0.0 and returns the upload's name. */
    static String upload(String server, String filename, byte[] bytes) throws IOException, InterruptedException {
        HttpRequest create = HttpRequest.newBuilder(URI.create(server + "/v1/uploads"))
                .header("Tus-Resumable", "1.0.0")
                .header("Upload-Length", String.valueOf(bytes.length))
                .header("Upload-Metadata", "filename " + Base64.getEncoder().encodeToString(filename.getBytes(StandardCharsets.UTF_8)))
                .POST(BodyPublishers.noBody())
                .build();
        HttpResponse<String> created = CLIENT.send(create, HttpResponse.BodyHandlers.ofString());
        String location = created.headers().firstValue("Location").orElseThrow(() -> new AssertionError("no upload: " + created.body()));
        HttpRequest patch = HttpRequest.newBuilder(URI.create(server).resolve(location))
                .header("Tus-Resumable", "1.0.0")
                .header("Upload-Offset", "0")
                .header("Content-Type", "application/offset+octet-stream")
                .method("PATCH", BodyPublishers.ofByteArray(bytes))
                .build();
        HttpResponse<String> done = CLIENT.send(patch, HttpResponse.BodyHandlers.ofString());
        if (done.statusCode() != 204) {
            throw new AssertionError("upload answered " + done.statusCode() + ": " + done.body());
        }
        return location.substring(location.indexOf("uploads/"));
    }

    /** A folder as a zip. */
    static byte[] zip(Path folder) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes); Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                zip.putNextEntry(new ZipEntry(folder.relativize(file).toString()));
                Files.copy(file, zip);
            }
        }
        return bytes.toByteArray();
    }

    private static Answer send(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<String> answer = CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
        return new Answer(answer.statusCode(), JSON.readTree(answer.body()));
    }
}
