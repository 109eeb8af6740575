package dev.kogata.gateway.request;

import dev.kogata.common.v1.Reason;
import dev.kogata.gateway.problem.Refusal;
import dev.kogata.kit.artifact.Sha256;
import dev.kogata.kit.artifact.StorageError;
import dev.kogata.kit.error.KogataException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Fetches bytes that an event names by URI and SHA-256. The event's author is not trusted: files come from below one folder
 * only, whatever links lie there; hosts are those that the installation lists, redirects are not followed, and nothing is
 * handed on whose SHA-256 is another one. Thread-safe.
 */
final class SourceFetcher {
    private static final int ATTEMPTS = 3;
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final int CHUNK = 1 << 16;

    private final Path inbox;
    private final Set<String> hosts;
    private final Path folder;
    private final long maxBytes;
    private final Duration deadline;
    private final HttpClient http = HttpClient.newBuilder().connectTimeout(CONNECT).followRedirects(HttpClient.Redirect.NEVER).build();

    /** @param folder for fetched files; emptied here, since nobody else writes into it */
    SourceFetcher(RequestsConfig config) throws IOException {
        this.inbox = config.inbox();
        this.hosts = new HashSet<>(config.hosts().orElse(List.of()).stream().map(host -> host.toLowerCase(Locale.ROOT)).toList());
        this.folder = Files.createDirectories(config.folder());
        this.maxBytes = config.maxBytes();
        this.deadline = config.deadline();
        try (var leftovers = Files.newDirectoryStream(folder)) {
            for (Path leftover : leftovers) {
                Files.delete(leftover);
            }
        }
    }

    /** A file of the bytes behind a URI, which the caller deletes. */
    Path fetch(String uri, String sha256) {
        Sha256.checked(sha256);
        URI parsed = parse(uri);
        String scheme = String.valueOf(parsed.getScheme()).toLowerCase(Locale.ROOT);
        return switch (scheme) {
            case "file" -> copy(uri, sha256, file(uri, parsed));
            case "http", "https" -> download(uri, sha256, host(uri, parsed, scheme));
            default -> throw notAllowed(uri, "Only artifact:, file:, http: and https: URIs are read");
        };
    }

    /** The name that a file has in its URI. */
    static String filename(String uri) {
        String path = parse(uri).getPath();
        return path == null ? "" : path.substring(path.lastIndexOf('/') + 1);
    }

    private static URI parse(String uri) {
        try {
            return URI.create(uri);
        } catch (IllegalArgumentException e) {
            throw notAllowed(uri, "It is no URI");
        }
    }

    private Path file(String uri, URI parsed) {
        if (parsed.getRawAuthority() != null || parsed.getPath() == null || parsed.getPath().indexOf('\0') >= 0 || parsed.getRawQuery() != null) {
            throw notAllowed(uri, "A file URI is file:///PATH, without a host");
        }
        try {
            // Links resolved on both sides: a link in the inbox leads nowhere else.
            Path real = Path.of(parsed.getPath()).toRealPath();
            if (Files.isDirectory(inbox) && real.startsWith(inbox.toRealPath()) && Files.isRegularFile(real)) {
                return real;
            }
        } catch (IOException | IllegalArgumentException e) {
            // The same answer as for a file elsewhere: nobody learns what lies outside.
        }
        throw notAllowed(uri, "There is no such plain file in this installation's inbox folder (kogata.requests.inbox)");
    }

    private URI host(String uri, URI parsed, String scheme) {
        String host = String.valueOf(parsed.getHost()).toLowerCase(Locale.ROOT);
        int standard = scheme.equals("https") ? 443 : 80;
        int port = parsed.getPort() < 0 ? standard : parsed.getPort();
        boolean listed = hosts.contains(host + ":" + port) || port == standard && hosts.contains(host);
        if (!listed || parsed.getRawUserInfo() != null) {
            throw notAllowed(uri, "Its host is not among those that this installation reads from (kogata.requests.hosts)");
        }
        return parsed;
    }

    private Path copy(String uri, String sha256, Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return write(uri, sha256, in, Long.MAX_VALUE);
        } catch (IOException e) {
            throw unreadable(uri, "it cannot be read", e);
        }
    }

    private Path download(String uri, String sha256, URI parsed) {
        long end = System.nanoTime() + deadline.toNanos();
        for (int attempt = 1;; attempt++) {
            try {
                HttpResponse<InputStream> answer = http.send(HttpRequest.newBuilder(parsed).timeout(deadline).GET().build(),
                    HttpResponse.BodyHandlers.ofInputStream());
                try (InputStream body = answer.body()) {
                    if (answer.statusCode() != 200) {
                        throw unreadable(uri, "its host answered " + answer.statusCode(), null);
                    }
                    return write(uri, sha256, body, end);
                }
            } catch (IOException e) {
                if (attempt == ATTEMPTS) {
                    throw unreadable(uri, "its host does not answer, or broke off", e);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new KogataException(Reason.UNAVAILABLE, "The gateway stops.");
            }
        }
    }

    /** Only the stream's own faults come out as IOExceptions: those of the disk are the installation's. */
    private Path write(String uri, String sha256, InputStream in, long end) throws IOException {
        Path file;
        try {
            file = Files.createTempFile(folder, "fetched", ".part");
        } catch (IOException e) {
            throw StorageError.of(e);
        }
        boolean whole = false;
        try (OutputStream out = Files.newOutputStream(file)) {
            MessageDigest digest = Sha256.digest();
            byte[] chunk = new byte[CHUNK];
            long bytes = 0;
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                bytes += read;
                if (bytes > maxBytes) {
                    throw Refusal.limit("kogata.requests.max-bytes", maxBytes, "A file that an event names may have " + maxBytes + " bytes.");
                }
                if (System.nanoTime() > end) {
                    throw unreadable(uri, "it did not come within " + deadline.toSeconds() + " s", null);
                }
                digest.update(chunk, 0, read);
                out.write(chunk, 0, read);
            }
            String found = Sha256.hex(digest.digest());
            if (!found.equals(sha256)) {
                throw new KogataException(Reason.CHECKSUM_MISMATCH,
                    "The bytes at '" + Refusal.printable(uri) + "' have the SHA-256 " + found + ", not " + sha256 + ".",
                    Map.of("uri", Refusal.printable(uri)));
            }
            whole = true;
            return file;
        } catch (FileSystemException e) {
            throw StorageError.of(e);
        } catch (IOException e) {
            throw StorageError.diskFull(e).map(full -> (RuntimeException) full).orElseThrow(() -> e);
        } finally {
            if (!whole) {
                Files.deleteIfExists(file);
            }
        }
    }

    private static KogataException notAllowed(String uri, String why) {
        String shown = Refusal.printable(uri);
        return new KogataException(Reason.SOURCE_NOT_ALLOWED, "'" + shown + "' is not read. " + why + ".", Map.of("uri", shown));
    }

    private static KogataException unreadable(String uri, String why, Exception cause) {
        String shown = Refusal.printable(uri);
        return new KogataException(Reason.SOURCE_UNREADABLE, "'" + shown + "' cannot be fetched: " + why + ".", Map.of("uri", shown), cause);
    }
}
