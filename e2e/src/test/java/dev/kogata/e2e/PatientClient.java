package dev.kogata.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A client as a pipeline should be: uploads in pieces, asks again where the connection broke or the answer says so, and counts how far it is. What was
 * acknowledged to it must stay: an upload's bytes, a model, a job. Used by one thread, watched by others.
 */
final class PatientClient {
    static final Set<String> ENDED = Set.of("SUCCEEDED", "FAILED", "CANCELLED");
    static final int PIECES = 4;
    /** Not available now, and no space left. */
    private static final Set<Integer> AGAIN = Set.of(503, 507);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String server;
    private final Set<String> passing;
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(5)).build();
    private volatile int steps;
    private volatile long events;
    private volatile boolean done;

    PatientClient(String server) {
        this(server, Set.of());
    }

    /** @param passing reasons of errors that are mended in time, because of what is done to the mesh */
    PatientClient(String server, Set<String> passing) {
        this.server = server;
        this.passing = passing;
    }

    /** Steps taken: pieces uploaded, answers had, events of the job; the largest number there is once its work is done. */
    long steps() {
        return done ? Long.MAX_VALUE : steps + events;
    }

    /** No more steps come. */
    void finish() {
        done = true;
    }

    /** Uploads bytes in pieces; returns the upload's name. */
    String upload(String filename, byte[] bytes) throws Exception {
        HttpResponse<String> created = patiently(() -> request("/v1/uploads").header("Tus-Resumable", "1.0.0").header("Upload-Length", Integer.toString(bytes.length))
                .header("Upload-Metadata", "filename " + Base64.getEncoder().encodeToString(filename.getBytes(StandardCharsets.UTF_8)))
                .POST(BodyPublishers.noBody()).build());
        String location = created.headers().firstValue("Location").orElseThrow(() -> new AssertionError("no upload: " + created.statusCode() + " " + created.body()));
        String path = location.substring(location.indexOf("/v1/"));
        int piece = (bytes.length + PIECES - 1) / PIECES;
        long offset = 0;
        while (offset < bytes.length) {
            long acknowledged = offset;
            byte[] next = Arrays.copyOfRange(bytes, (int) offset, (int) Math.min(bytes.length, offset + piece));
            HttpRequest patch = request(path).header("Tus-Resumable", "1.0.0").header("Upload-Offset", Long.toString(offset))
                    .header("Content-Type", "application/offset+octet-stream").method("PATCH", BodyPublishers.ofByteArray(next)).build();
            Optional<HttpResponse<String>> answer = once(patch);
            if (answer.isPresent() && answer.get().statusCode() == 204) {
                offset += next.length;
                steps++;
            } else {
                offset = offset(path);
                if (offset < acknowledged) {
                    throw new AssertionError(path + " had " + acknowledged + " bytes and has " + offset);
                }
            }
        }
        return path.substring("/v1/".length());
    }

    private long offset(String path) throws Exception {
        HttpResponse<String> head = patiently(() -> request(path).header("Tus-Resumable", "1.0.0").method("HEAD", BodyPublishers.noBody()).build());
        return head.headers().firstValueAsLong("Upload-Offset").orElseThrow(() -> new AssertionError(path + " is lost: " + head.statusCode()));
    }

    /** Creates something; the same again gives the same, so that asking twice does no harm. Returns its name. */
    String create(String collection, String body, String key) throws Exception {
        HttpResponse<String> answer = patiently(() -> request("/v1/" + collection).header("Content-Type", "application/json").header("Idempotency-Key", key)
                .POST(BodyPublishers.ofString(body)).build());
        if (answer.statusCode() / 100 != 2) {
            throw new AssertionError(collection + " answered " + answer.statusCode() + ": " + answer.body());
        }
        steps++;
        return JSON.readTree(answer.body()).get("name").asText();
    }

    /** Follows a job until it has ended. */
    JsonNode ended(String job) throws Exception {
        AtomicReference<JsonNode> now = new AtomicReference<>();
        Until.holds(job + " has ended", () -> {
            HttpResponse<String> answer = patiently(() -> request("/v1/" + job).build());
            if (answer.statusCode() != 200) {
                throw new AssertionError(job + " is lost: " + answer.statusCode() + " " + answer.body());
            }
            now.set(JSON.readTree(answer.body()));
            events = now.get().get("last_sequence").asLong();
            return ENDED.contains(now.get().get("state").asText());
        });
        return now.get();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(server + path)).timeout(Duration.ofSeconds(30));
    }

    private interface Call {
        HttpRequest request();
    }

    private HttpResponse<String> patiently(Call call) throws Exception {
        AtomicReference<HttpResponse<String>> answer = new AtomicReference<>();
        Until.holds("the gateway answers", () -> {
            once(call.request()).ifPresent(answer::set);
            return answer.get() != null && !AGAIN.contains(answer.get().statusCode()) && !passing.contains(reason(answer.get()));
        });
        return answer.get();
    }

    /** Of an error; empty for any other answer. */
    private static String reason(HttpResponse<String> answer) throws IOException {
        return answer.statusCode() / 100 < 4 || answer.body().isEmpty() ? "" : JSON.readTree(answer.body()).path("reason").asText();
    }

    /** Empty where the connection broke. */
    private Optional<HttpResponse<String>> once(HttpRequest request) throws InterruptedException {
        try {
            return Optional.of(http.send(request, BodyHandlers.ofString()));
        } catch (IOException away) {
            return Optional.empty();
        }
    }
}
