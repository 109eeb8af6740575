package dev.kogata.kit.grpc;

import dev.kogata.kit.config.KogataConfig;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/**
 * Not live where nobody listens at this process's own gRPC port, and no start takes that long any more: a server that could not be put together, as
 * without a database, is not put together later, so that only a new process helps. Thread-safe.
 */
@Liveness
@Singleton
class GrpcLiveness implements HealthCheck {
    /** Beside the time that a start waits for its database. */
    private static final Duration START = Duration.ofMinutes(3);
    private static final int CONNECT_MILLIS = 2000;

    private final String host;
    private final int port;
    private final long graceNanos;
    private final LongSupplier clock;
    private final long began;

    @Inject
    GrpcLiveness(KogataConfig config, @ConfigProperty(name = "quarkus.grpc.server.host", defaultValue = "127.0.0.1") String host,
            @ConfigProperty(name = "quarkus.grpc.server.port", defaultValue = "9000") int port) {
        this(host, port, config.database().patience().plus(START), System::nanoTime);
    }

    GrpcLiveness(String host, int port, Duration grace, LongSupplier clock) {
        this.host = host.equals("0.0.0.0") || host.equals("::") ? "localhost" : host;
        this.port = port;
        this.graceNanos = grace.toNanos();
        this.clock = clock;
        this.began = clock.getAsLong();
    }

    @Override
    public HealthCheckResponse call() {
        boolean refused = refused();
        return HealthCheckResponse.named("gRPC server").status(!refused || clock.getAsLong() - began < graceNanos)
                .withData("port", port).withData("listening", !refused).build();
    }

    /** Only a refusal counts: a machine that is too busy to connect in time is no reason for a new process. */
    private boolean refused() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), CONNECT_MILLIS);
            return false;
        } catch (ConnectException e) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
