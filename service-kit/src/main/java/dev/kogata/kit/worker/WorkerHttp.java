package dev.kogata.kit.worker;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.kogata.common.v1.Reason;
import dev.kogata.kit.error.KogataException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * A worker's probes and numbers, at the paths that every service of the mesh has: {@code /health/live}, {@code /health/ready},
 * {@code /health/started} (200 or 503, with the checks in JSON) and {@code /metrics} (Prometheus). The JDK's own server: three questions
 * a second need no framework, and a worker is to start fast. Thread-safe.
 */
final class WorkerHttp implements AutoCloseable {
    /** Most requests at once: made when needed, because a request holds a thread until it has arrived whole. */
    private static final int THREADS = 64;
    /** Seconds that a request may take to arrive: who sends none may not hold a thread that a probe needs. */
    private static final String LONGEST_REQUEST = "5";

    private final HttpServer server;
    private final ExecutorService threads;

    /** Listens; port 0 takes a free one. {@code ARGUMENT_INVALID} where the port is not to be had. */
    WorkerHttp(String host, int port, WorkerHealth health, Supplier<String> metrics) {
        // Read once, by the first server of the process; whoever has set it knows better.
        System.getProperties().putIfAbsent("sun.net.httpserver.maxReqTime", LONGEST_REQUEST);
        try {
            server = HttpServer.create(new InetSocketAddress(host, port), 0);
        } catch (IOException e) {
            throw new KogataException(Reason.ARGUMENT_INVALID, "The worker cannot listen on " + host + ":" + port
                    + " for its probes; choose another kogata.worker.http.port or host.", Map.of("field", "kogata.worker.http.port"), e);
        }
        ThreadPoolExecutor pool = new ThreadPoolExecutor(THREADS, THREADS, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), WorkerHttp::daemon);
        pool.allowCoreThreadTimeOut(true);
        threads = pool;
        server.setExecutor(threads);
        check("/health/live", health::live);
        check("/health/ready", health::ready);
        check("/health/started", health::started);
        server.createContext("/metrics", exchange -> answer(exchange, "/metrics", 200, "text/plain; version=0.0.4; charset=utf-8", metrics));
        server.createContext("/", exchange -> answer(exchange, exchange.getRequestURI().getPath(), 404, "text/plain; charset=utf-8", () -> "There is nothing here.\n"));
        server.start();
    }

    /** The port that it listens on. */
    int port() {
        return server.getAddress().getPort();
    }

    private void check(String path, Supplier<WorkerHealth.Answer> asked) {
        server.createContext(path, exchange -> {
            WorkerHealth.Answer answer = asked.get();
            answer(exchange, path, answer.up() ? 200 : 503, "application/json", answer::json);
        });
    }

    /** A context of the JDK's server also gets what only begins with its path. */
    private static void answer(HttpExchange exchange, String path, int status, String type, Supplier<String> body) throws IOException {
        try (exchange) {
            boolean head = exchange.getRequestMethod().equals("HEAD");
            if (!head && !exchange.getRequestMethod().equals("GET")) {
                exchange.sendResponseHeaders(405, -1);
            } else if (!exchange.getRequestURI().getPath().equals(path)) {
                exchange.sendResponseHeaders(404, -1);
            } else {
                byte[] bytes = body.get().getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders().set("Content-Type", type);
                exchange.sendResponseHeaders(status, head ? -1 : bytes.length);
                if (!head) {
                    exchange.getResponseBody().write(bytes);
                }
            }
        }
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work, "worker-http");
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
