package dev.kogata.k8s.images;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.PushbackInputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * As much of a registry (OCI distribution) as a push needs, on a free port of loopback, in memory. Without TLS: whoever tries that is told at once, as by
 * servers of a kind that answer bytes which are no HTTP; the one in the JDK waits for their end.
 */
final class FakeRegistry implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int TLS_HANDSHAKE = 0x16;

    private final HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    private final ServerSocket front = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Set<String> blobs = ConcurrentHashMap.newKeySet();
    private final Map<String, byte[]> manifests = new ConcurrentHashMap<>();
    private final Map<String, String> types = new ConcurrentHashMap<>();

    FakeRegistry() throws IOException {
        server.createContext("/v2/", this::answer);
        server.setExecutor(threads);
        server.start();
        threads.execute(this::accept);
    }

    private void accept() {
        try {
            while (true) {
                Socket caller = front.accept();
                threads.execute(() -> take(caller));
            }
        } catch (IOException closed) {
            // No more callers.
        }
    }

    private void take(Socket caller) {
        try (caller) {
            PushbackInputStream in = new PushbackInputStream(caller.getInputStream());
            int first = in.read();
            if (first == TLS_HANDSHAKE) {
                caller.getOutputStream().write("HTTP/1.0 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            } else if (first >= 0) {
                in.unread(first);
                try (Socket inner = new Socket(server.getAddress().getAddress(), server.getAddress().getPort())) {
                    Future<?> answers = threads.submit(() -> inner.getInputStream().transferTo(caller.getOutputStream()));
                    in.transferTo(inner.getOutputStream());
                    inner.shutdownOutput();
                    answers.get();
                }
            }
        } catch (IOException | ExecutionException | InterruptedException gone) {
            // The caller sees that its connection is closed.
        }
    }

    String path() {
        return "localhost:" + front.getLocalPort() + "/kogata";
    }

    JsonNode manifest(String tag) throws IOException {
        return JSON.readTree(manifests.get(tag));
    }

    int size(String tag) {
        return manifests.get(tag).length;
    }

    String digest(String tag) {
        try {
            return "sha256:" + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(manifests.get(tag)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private void answer(HttpExchange call) throws IOException {
        byte[] body = call.getRequestBody().readAllBytes();
        String path = call.getRequestURI().getPath();
        String last = path.substring(path.lastIndexOf('/') + 1);
        String query = String.valueOf(call.getRequestURI().getQuery());
        if (path.contains("/manifests/")) {
            manifest(call, last, body);
        } else if (path.contains("/blobs/uploads/")) {
            if (query.startsWith("digest=")) {
                blobs.add(query.substring("digest=".length()));
            }
            call.getResponseHeaders().add("Location", "http://" + path().replace("/kogata", "") + "/v2/kogata/x/blobs/uploads/one");
            send(call, call.getRequestMethod().equals("PUT") ? 201 : 202, new byte[0]);
        } else if (path.contains("/blobs/")) {
            call.getResponseHeaders().add("Content-Length", "0");
            send(call, blobs.contains(last) ? 200 : 404, new byte[0]);
        } else {
            send(call, 200, new byte[0]);
        }
    }

    private void manifest(HttpExchange call, String tag, byte[] body) throws IOException {
        if (call.getRequestMethod().equals("PUT")) {
            manifests.put(tag, body);
            types.put(tag, call.getRequestHeaders().getFirst("Content-Type"));
            call.getResponseHeaders().add("Docker-Content-Digest", digest(tag));
            send(call, 201, new byte[0]);
        } else if (manifests.containsKey(tag)) {
            call.getResponseHeaders().add("Content-Type", types.get(tag));
            call.getResponseHeaders().add("Docker-Content-Digest", digest(tag));
            send(call, 200, manifests.get(tag));
        } else {
            send(call, 404, "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\"}]}".getBytes(StandardCharsets.US_ASCII));
        }
    }

    private static void send(HttpExchange call, int status, byte[] body) throws IOException {
        boolean empty = body.length == 0 || call.getRequestMethod().equals("HEAD");
        call.sendResponseHeaders(status, empty ? -1 : body.length);
        if (!empty) {
            call.getResponseBody().write(body);
        }
        call.close();
    }

    @Override
    public void close() throws IOException {
        front.close();
        server.stop(0);
        threads.shutdownNow();
    }
}
