package dev.kogata.kit.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.microprofile.health.HealthCheckResponse.Status;
import org.junit.jupiter.api.Test;

class GrpcLivenessTest {
    private static final Duration GRACE = Duration.ofMinutes(3);

    private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 5);

    @Test
    void aProcessWhoseServerNeverCameUpIsNotLiveOnceItsStartIsOver() throws Exception {
        // Bound, so that the port is nobody else's, and not listening.
        try (Socket taken = new Socket()) {
            taken.bind(new InetSocketAddress("127.0.0.1", 0));
            GrpcLiveness liveness = new GrpcLiveness("127.0.0.1", taken.getLocalPort(), GRACE, clock::get);
            clock.addAndGet(GRACE.toNanos() - 1);
            assertThat(liveness.call().getStatus()).isEqualTo(Status.UP);
            clock.incrementAndGet();
            assertThat(liveness.call().getStatus()).isEqualTo(Status.DOWN);
        }
    }

    @Test
    void aProcessThatListensIsLive() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            GrpcLiveness liveness = new GrpcLiveness("127.0.0.1", server.getLocalPort(), GRACE, clock::get);
            clock.addAndGet(2 * GRACE.toNanos());
            assertThat(liveness.call().getStatus()).isEqualTo(Status.UP);
        }
    }
}
