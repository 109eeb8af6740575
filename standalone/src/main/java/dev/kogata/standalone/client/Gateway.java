package dev.kogata.standalone.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * REST client of one gateway. Answers are JSON trees with the names of the protos. Requests are repeated a few
 * times when the connection fails or the gateway is busy: every one of them has the same effect once and many times. Thread-safe.
 */
public final class Gateway {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<Duration> PAUSES = List.of(Duration.ofMillis(200), Duration.ofSeconds(1), Duration.ofSeconds(3));
    private static final Duration ANSWER_LIMIT = Duration.ofMinutes(5);

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(5)).build();
    private final URI address;
    private final Map<String, String> identity;
    private volatile boolean wasReached;

    /** A client of the gateway at the address, e.g. {@code http://127.0.0.1:8080}, that calls as the environment says. */
    public Gateway(URI address) {
        this(address, identity(System.getenv()));
    }

    /**
     * A client that calls as somebody.
     *
     * @param identity headers that say who calls; empty for nobody
     */
    Gateway(URI address, Map<String, String> identity) {
        if (address.getScheme() == null || !address.getScheme().matches("https?") || address.getHost() == null) {
            throw new IllegalArgumentException("'" + address + "' is no address of a gateway; expected e.g. http://127.0.0.1:8080");
        }
        this.address = URI.create(address.toString().replaceAll("/+$", ""));
        this.identity = Map.copyOf(identity);
    }

    /** {@code KOGATA_TOKEN} is a bearer token, {@code KOGATA_API_KEY} an API key; the token counts where both are set. */
    static Map<String, String> identity(Map<String, String> environment) {
        String token = environment.getOrDefault("KOGATA_TOKEN", "").strip();
        String key = environment.getOrDefault("KOGATA_API_KEY", "").strip();
        if (!token.isEmpty()) {
            return Map.of("Authorization", "Bearer " + token);
        }
        return key.isEmpty() ? Map.of() : Map.of("X-API-Key", key);
    }

    /** Headers that say who calls. */
    Map<String, String> identity() {
        return identity;
    }

    /** The gateway's address. */
    public URI address() {
        return address;
    }

    /** Registers uploaded files as a model. Takes as long as reading them. */
    public JsonNode createModel(List<String> uploads, String displayName) {
        return create("/v1/models", uploads, displayName);
    }

    /** Registers uploaded files as a dataset. */
    public JsonNode createDataset(List<String> uploads, String displayName) {
        return create("/v1/datasets", uploads, displayName);
    }

    /** Starts a job; the same key and request give the same job. */
    public JsonNode createJob(JsonNode request, String idempotencyKey) {
        return exchange(request("/v1/jobs")
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", idempotencyKey)
                .POST(body(request)));
    }

    /** What a job would cost; starts nothing. */
    public JsonNode estimate(JsonNode request) {
        return exchange(request("/v1/jobs:estimate").header("Content-Type", "application/json").POST(body(request)));
    }

    /** The name of the model or dataset with these very files, where the gateway has it. */
    public Optional<String> find(String collection, String sha256) {
        JsonNode found = exchange(request("/v1/" + collection + "?page_size=1&filter=" + encode("sha256=" + sha256)).GET()).path(collection);
        return found.isEmpty() ? Optional.empty() : Optional.of(found.get(0).path("name").asText());
    }

    /** A model or dataset by its name. */
    public JsonNode resource(String name) {
        return exchange(request("/v1/" + path(name)).GET());
    }

    /** One page of models or datasets, newest first; an empty token for the first page. */
    public JsonNode list(String collection, String filter, int pageSize, String pageToken) {
        return exchange(request("/v1/" + collection + "?page_size=" + pageSize + "&filter=" + encode(filter) + "&page_token=" + encode(pageToken)).GET());
    }

    /** A job by its name, {@code jobs/ID}. */
    public JsonNode job(String name) {
        return exchange(request("/v1/" + path(name)).GET());
    }

    /** One page of jobs, newest first; an empty token for the first page. */
    public JsonNode jobs(String filter, int pageSize, String pageToken) {
        return exchange(request("/v1/jobs?page_size=" + pageSize + "&filter=" + encode(filter) + "&page_token=" + encode(pageToken))
                .GET());
    }

    /** Cancels a job; one that has ended stays as it is. */
    public JsonNode cancel(String name) {
        return exchange(request("/v1/" + path(name) + ":cancel").POST(BodyPublishers.noBody()));
    }

    /** Removes a job that has ended; removing it again changes nothing. */
    public void delete(String name) {
        HttpResponse<byte[]> response = send(request("/v1/" + path(name)).DELETE().build(), BodyHandlers.ofByteArray());
        requireSuccess(response.statusCode(), response.body());
    }

    /** Goes on with the search of a job that has ended, as a new job; the same key and number give the same job. */
    public JsonNode continueJob(String name, int trials, String idempotencyKey) {
        return exchange(request("/v1/" + path(name) + ":continue")
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", idempotencyKey)
                .POST(body(JSON.createObjectNode().put("trials", trials))));
    }

    /** What another budget would lose, estimated from a job's journal: a share such as 0.5, or a number of bytes. */
    public JsonNode whatIf(String name, String budget) {
        return exchange(request("/v1/" + path(name) + "/what-if?budget=" + encode(budget)).GET());
    }

    /** The files of a job that has succeeded. */
    public JsonNode result(String name) {
        return exchange(request("/v1/" + path(name) + "/result").GET());
    }

    /** The report of a job that has succeeded. */
    public JsonNode report(String name) {
        return exchange(request("/v1/" + path(name) + "/report.json").GET());
    }

    /** The bytes of one file of a result. The caller closes the stream. */
    InputStream resultFile(String name, String path) {
        String encoded = Arrays.stream(path.split("/")).map(Gateway::encode).collect(Collectors.joining("/"));
        return open(request("/v1/" + path(name) + "/result/" + encoded).GET());
    }

    /** The job's events after a sequence number, as a stream of server-sent events. The caller closes it. */
    InputStream events(String name, long afterSequence) {
        return open(request("/v1/" + path(name) + "/events")
                .header("Accept", "text/event-stream")
                .header("Last-Event-ID", Long.toString(afterSequence))
                .GET());
    }

    private JsonNode create(String path, List<String> uploads, String displayName) {
        ObjectNode body = JSON.createObjectNode().put("display_name", displayName);
        uploads.forEach(body.putArray("uploads")::add);
        return exchange(request(path).header("Content-Type", "application/json").POST(body(body)));
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address + path)).timeout(ANSWER_LIMIT);
        try {
            identity.forEach(request::header);
        } catch (IllegalArgumentException e) {
            // Not with the exception's own message, which repeats the value.
            throw new GatewayFailure(GatewayFailure.Kind.REFUSED, "UNAUTHENTICATED",
                    "KOGATA_TOKEN or KOGATA_API_KEY has a character that no token has, such as a line break: set it again.", Map.of());
        }
        return request;
    }

    private JsonNode exchange(HttpRequest.Builder builder) {
        HttpRequest request = builder.header("Accept", "application/json, application/problem+json").build();
        HttpResponse<byte[]> response = send(request, BodyHandlers.ofByteArray());
        requireSuccess(response.statusCode(), response.body());
        try {
            return JSON.readTree(response.body());
        } catch (IOException garbled) {
            throw GatewayFailure.unavailable(address + " does not answer as a Kogata gateway does.");
        }
    }

    private InputStream open(HttpRequest.Builder builder) {
        HttpResponse<InputStream> response = send(builder.build(), BodyHandlers.ofInputStream());
        if (response.statusCode() / 100 != 2) {
            try (InputStream body = response.body()) {
                requireSuccess(response.statusCode(), body.readNBytes(1 << 16));
            } catch (IOException cut) {
                throw unreachable();
            }
        }
        return response.body();
    }

    private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
        for (int attempt = 0; ; attempt++) {
            try {
                HttpResponse<T> response = http.send(request, handler);
                wasReached = true;
                boolean busy = response.statusCode() == 503;
                if (!busy || attempt == PAUSES.size()) {
                    return response;
                }
            } catch (IOException lost) {
                // Where nobody ever answered, waiting for a restart makes no sense.
                if (!wasReached || attempt == PAUSES.size()) {
                    throw unreachable();
                }
            } catch (InterruptedException stopped) {
                throw interrupted();
            }
            pause(PAUSES.get(attempt));
        }
    }

    static void pause(Duration pause) {
        try {
            Thread.sleep(pause.toMillis());
        } catch (InterruptedException stopped) {
            throw interrupted();
        }
    }

    private static GatewayFailure interrupted() {
        Thread.currentThread().interrupt();
        return GatewayFailure.unavailable("Interrupted.");
    }

    GatewayFailure unreachable() {
        return GatewayFailure.unavailable("No Kogata gateway can be reached at " + address + ": start one with ./kogata serve,"
                + " or name another one with --server or KOGATA_SERVER.");
    }

    /** Turns a problem document (RFC 9457) into a failure. */
    private void requireSuccess(int status, byte[] body) {
        if (status / 100 == 2) {
            return;
        }
        JsonNode problem;
        try {
            problem = JSON.readTree(body);
        } catch (IOException noJson) {
            problem = JSON.createObjectNode();
        }
        String reason = problem.path("reason").asText(status / 100 == 4 ? "ARGUMENT_INVALID" : "UNAVAILABLE");
        String detail = problem.path("detail").asText(problem.path("title").asText(address + " answered with status " + status + "."));
        Map<String, String> metadata = new HashMap<>();
        problem.path("metadata").properties().forEach(field -> metadata.put(field.getKey(), field.getValue().asText()));
        boolean refused = status / 100 == 4;
        throw new GatewayFailure(refused ? GatewayFailure.Kind.REFUSED : GatewayFailure.Kind.UNAVAILABLE, reason, detail, metadata);
    }

    private static BodyPublisher body(JsonNode tree) {
        try {
            return BodyPublishers.ofByteArray(JSON.writeValueAsBytes(tree));
        } catch (JsonProcessingException impossible) {
            throw new IllegalArgumentException(impossible);
        }
    }

    /** A name as a part of an address: whatever a user types, it stays one. */
    private static String path(String name) {
        return Arrays.stream(name.split("/", 2)).map(Gateway::encode).collect(Collectors.joining("/"));
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
