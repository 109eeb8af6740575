package dev.kogata.standalone.client;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;

/** A gateway that gives the answers it was told, in order, the last one again and again; and keeps what it was asked. */
public final class FakeGateway implements AutoCloseable {
    /** What came in. */
    public record Request(String method, String path, Map<String, String> headers, String body) {}

    private record Answer(int status, String type, byte[] body) {}

    private final HttpServer server;
    private final Map<String, Queue<Answer>> answers = new HashMap<>();
    private final List<Request> requests = new CopyOnWriteArrayList<>();

    public FakeGateway() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::handle);
        server.start();
    }

    public URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    public List<Request> requests() {
        return requests;
    }

    /** Answers a method and path, e.g. {@code GET /v1/jobs/1}, with JSON. */
    public FakeGateway json(String request, int status, String body) {
        return answer(request, status, "application/json", body);
    }

    public synchronized FakeGateway answer(String request, int status, String type, String body) {
        answers.computeIfAbsent(request, key -> new ArrayDeque<>()).add(new Answer(status, type, body.getBytes(StandardCharsets.UTF_8)));
        return this;
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Map<String, String> headers = new HashMap<>();
            exchange.getRequestHeaders().forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), values.get(0)));
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            String path = exchange.getRequestURI().toString();
            requests.add(new Request(exchange.getRequestMethod(), path, headers, body));
            Answer answer = next(exchange.getRequestMethod() + " " + path);
            exchange.getResponseHeaders().set("Content-Type", answer.type());
            exchange.sendResponseHeaders(answer.status(), answer.body().length == 0 ? -1 : answer.body().length);
            exchange.getResponseBody().write(answer.body());
        }
    }

    private synchronized Answer next(String request) {
        Queue<Answer> told = answers.get(request);
        if (told == null) {
            return new Answer(404, "application/problem+json", "{\"reason\":\"NOT_FOUND\",\"detail\":\"There is nothing here.\"}".getBytes(StandardCharsets.UTF_8));
        }
        return told.size() > 1 ? told.poll() : told.peek();
    }
}
