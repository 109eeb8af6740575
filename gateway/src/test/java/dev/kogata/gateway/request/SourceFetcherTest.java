package dev.kogata.gateway.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.kogata.common.v1.Reason;
import dev.kogata.kit.artifact.Sha256;
import dev.kogata.kit.error.KogataException;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an event may have fetched, and what not. */
class SourceFetcherTest {
    private static final byte[] BYTES = "calibration".getBytes(StandardCharsets.UTF_8);
    private static final String SHA256 = Sha256.of(BYTES);

    @TempDir
    Path home;
    private Path inbox;
    private HttpServer server;
    private String host;

    @BeforeEach
    void open() throws IOException {
        inbox = Files.createDirectories(home.resolve("inbox"));
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        host = "127.0.0.1:" + server.getAddress().getPort();
        server.createContext("/bytes", exchange -> {
            exchange.sendResponseHeaders(200, BYTES.length);
            exchange.getResponseBody().write(BYTES);
            exchange.close();
        });
        server.createContext("/elsewhere", exchange -> {
            exchange.getResponseHeaders().add("Location", "/bytes");
            exchange.sendResponseHeaders(302, -1);
            exchange.close();
        });
        server.createContext("/endless", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            byte[] chunk = new byte[4096];
            try {
                while (true) {
                    exchange.getResponseBody().write(chunk);
                }
            } catch (IOException hungUp) {
                exchange.close();
            }
        });
        server.start();
    }

    @AfterEach
    void close() {
        server.stop(0);
    }

    private SourceFetcher fetcher(Map<String, String> settings) throws IOException {
        Map<String, String> all = new HashMap<>(Map.of("kogata.home", home.toString(), "kogata.requests.max-bytes", "100000"));
        all.putAll(settings);
        return new SourceFetcher(new SmallRyeConfigBuilder().addDefaultInterceptors().addDiscoveredConverters()
            .withSources(new PropertiesConfigSource(all, "test", 1000)).withMapping(RequestsConfig.class).withValidateUnknown(false).build()
            .getConfigMapping(RequestsConfig.class));
    }

    private void refused(SourceFetcher fetcher, String uri, String sha256, Reason reason) throws IOException {
        assertThatThrownBy(() -> fetcher.fetch(uri, sha256)).isInstanceOfSatisfying(KogataException.class, e -> {
            assertThat(e.reason()).as(e.getMessage()).isEqualTo(reason);
            assertThat(e.getMessage()).doesNotContain("Exception").doesNotContain("dev.kogata");
        });
        try (Stream<Path> left = Files.list(home.resolve("fetched"))) {
            assertThat(left).as("nothing is left behind").isEmpty();
        }
    }

    @Test
    void filesInTheInboxAreCopied() throws IOException {
        Path file = Files.write(inbox.resolve("a b.jsonl"), BYTES);
        assertThat(fetcher(Map.of()).fetch(file.toUri().toString(), SHA256)).hasBinaryContent(BYTES);
        assertThat(SourceFetcher.filename(file.toUri().toString())).isEqualTo("a b.jsonl");
    }

    @Test
    void bytesOfAnotherSha256AreNotHandedOn() throws IOException {
        Path file = Files.write(inbox.resolve("a"), BYTES);
        refused(fetcher(Map.of()), file.toUri().toString(), Sha256.of(new byte[1]), Reason.CHECKSUM_MISMATCH);
        refused(fetcher(Map.of()), file.toUri().toString(), "abc", Reason.ARGUMENT_INVALID);
    }

    @Test
    void nothingOutsideTheInboxIsRead() throws IOException {
        Path secret = Files.write(home.resolve("secret"), BYTES);
        Files.createSymbolicLink(inbox.resolve("link"), secret);
        Files.createSymbolicLink(inbox.resolve("folder"), home);
        SourceFetcher fetcher = fetcher(Map.of());
        refused(fetcher, secret.toUri().toString(), SHA256, Reason.SOURCE_NOT_ALLOWED);
        refused(fetcher, inbox.toUri() + "../secret", SHA256, Reason.SOURCE_NOT_ALLOWED);
        refused(fetcher, inbox.toUri() + "%2e%2e/secret", SHA256, Reason.SOURCE_NOT_ALLOWED);
        refused(fetcher, inbox.toUri() + "link", SHA256, Reason.SOURCE_NOT_ALLOWED);
        refused(fetcher, inbox.toUri() + "folder/secret", SHA256, Reason.SOURCE_NOT_ALLOWED);
        refused(fetcher, inbox.toUri() + "absent", SHA256, Reason.SOURCE_NOT_ALLOWED);
        refused(fetcher, inbox.toUri().toString(), SHA256, Reason.SOURCE_NOT_ALLOWED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"file://host/etc/passwd", "file:///etc/passwd", "file:///proc/self/mem", "file:///dev/zero", "file:relative", "file:///a%00b", "/etc/passwd",
        "ftp://example.com/a", "jar:file:///a.jar!/b", "data:,x", "gopher://localhost/", "netdoc:/etc/passwd", "not a uri", "http://", "http://[::1", "\u0000"})
    void uriOfNoOtherKindIsRead(String uri) throws IOException {
        refused(fetcher(Map.of()), uri, SHA256, Reason.SOURCE_NOT_ALLOWED);
    }

    @Test
    void onlyListedHostsAreAskedAndOnlyWhatTheyThemselvesGive() throws IOException {
        refused(fetcher(Map.of()), "http://" + host + "/bytes", SHA256, Reason.SOURCE_NOT_ALLOWED);
        SourceFetcher fetcher = fetcher(Map.of("kogata.requests.hosts", "example.com," + host));
        assertThat(fetcher.fetch("http://" + host + "/bytes", SHA256)).hasBinaryContent(BYTES);
        Files.delete(fetcher.fetch("http://" + host + "/bytes", SHA256));
        SourceFetcher fresh = fetcher(Map.of("kogata.requests.hosts", host));
        refused(fresh, "http://127.0.0.1/bytes", SHA256, Reason.SOURCE_NOT_ALLOWED);
        refused(fresh, "http://user:word@" + host + "/bytes", SHA256, Reason.SOURCE_NOT_ALLOWED);
        refused(fresh, "http://" + host + "@169.254.169.254/", SHA256, Reason.SOURCE_NOT_ALLOWED);
        refused(fresh, "http://" + host + "/elsewhere", SHA256, Reason.SOURCE_UNREADABLE);
        refused(fresh, "http://" + host + "/missing", SHA256, Reason.SOURCE_UNREADABLE);
        refused(fresh, "http://" + host + "/endless", SHA256, Reason.LIMIT_EXCEEDED);
        server.stop(0);
        refused(fresh, "http://" + host + "/bytes", SHA256, Reason.SOURCE_UNREADABLE);
    }
}
