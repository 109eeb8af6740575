package dev.kogata.standalone.mesh;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/** How the supervisor sees that a process does its work. Asked again and again until it says yes. */
interface Readiness {
    /**
     * Whether the process is ready.
     *
     * @param log what the process writes to standard output and error
     * @param from offset in the log at which this run of the process began
     */
    boolean reached(Path log, long from);

    /** Ready once a line of the log starts with the word, or a JSON document's message does. */
    static Readiness line(String word) {
        return (log, from) -> {
            try (var file = new RandomAccessFile(log.toFile(), "r")) {
                file.seek(from);
                byte[] written = new byte[(int) Math.min(file.length() - from, 1 << 20)];
                file.readFully(written);
                return new String(written, StandardCharsets.UTF_8).lines().anyMatch(line -> line.startsWith(word) || line.contains("\"message\":\"" + word));
            } catch (IOException unreadable) {
                throw new UncheckedIOException(unreadable);
            }
        };
    }

    /** Ready once a GET is answered with 200. */
    static Readiness http(URI address) {
        HttpClient client = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(1)).build();
        HttpRequest request = HttpRequest.newBuilder(address).timeout(Duration.ofSeconds(5)).build();
        return (log, from) -> {
            try {
                return client.send(request, BodyHandlers.discarding()).statusCode() == 200;
            } catch (IOException notYet) {
                return false;
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
                return false;
            }
        };
    }
}
