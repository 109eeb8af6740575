package dev.kogata.gateway;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;

/** A home of its own for the gateway, and a port where it finds {@link FakeOrchestrator}, which runs in the same application. */
public final class GatewayUnderTest implements QuarkusTestResourceLifecycleManager {
    private Path home;

    @Override
    public Map<String, String> start() {
        try (ServerSocket free = new ServerSocket(0)) {
            home = Files.createTempDirectory("gateway-test");
            return Map.of("kogata.home", home.toString(), "quarkus.grpc.server.test-port", Integer.toString(free.getLocalPort()),
                "kogata.orchestrator.address", "localhost:" + free.getLocalPort(),
                // Tests with clients that are silent for a while do not hang on how fast the machine is.
                "kogata.gateway.upload.silence", "PT15M", "quarkus.http.read-timeout", "15M",
                // Fewer than the tests have of slow clients at once, so that some have to give up.
                "kogata.gateway.upload.threads", "120", "kogata.gateway.upload.slow", "PT0.2S", "kogata.gateway.upload.stalled", "PT0.5S");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void stop() {
        try (Stream<Path> files = Files.walk(home)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
