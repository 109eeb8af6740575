package dev.kogata.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kogata.gateway.v1.GatewayServiceGrpc;
import dev.kogata.gateway.v1.GetJobRequest;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Needs the framework: what a client does to the two servers themselves, REST's and gRPC's. Whatever it is, others are still answered by both. */
@QuarkusTest
@QuarkusTestResource(GatewayUnderTest.class)
class HttpFloodTest {
    /** Number of a flood's first stream. */
    private static final int FIRST = 3;
    private static final int TIMES = 10_000;
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    /** GET / by entries of HPACK's static table, and an authority. */
    private static final byte[] GET = {(byte) 0x82, (byte) 0x86, (byte) 0x84, 0x41, 1, 'x'};
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int CONTINUATION = 9;

    @TestHTTPResource("/")
    URI base;
    @ConfigProperty(name = "quarkus.grpc.server.test-port")
    int grpcPort;

    /** The two servers, each on a port of its own. */
    enum Server { REST, GRPC }

    @AfterEach
    void othersAreStillAnswered() throws Exception {
        HttpRequest question = HttpRequest.newBuilder(base.resolve("/v1/jobs/absent")).timeout(Duration.ofMinutes(2)).build();
        // On a slow machine the first question may still stand behind what the flood left, and be told to try again.
        String answer = "";
        for (int again = 0; again < 3 && !answer.contains("NOT_FOUND"); again++) {
            answer = HttpClient.newHttpClient().send(question, HttpResponse.BodyHandlers.ofString()).body();
        }
        assertThat(answer).contains("NOT_FOUND");
        ManagedChannel channel = NettyChannelBuilder.forAddress("localhost", grpcPort).usePlaintext().build();
        try {
            var gateway = GatewayServiceGrpc.newBlockingStub(channel).withWaitForReady().withDeadlineAfter(2, TimeUnit.MINUTES);
            assertThatThrownBy(() -> gateway.getJob(GetJobRequest.newBuilder().setName("jobs/absent").build())).hasMessageContaining("NOT_FOUND");
        } finally {
            channel.shutdownNow();
        }
    }

    @ParameterizedTest
    @EnumSource
    @Tag("hostile-61")
    void rapidResetsEndTheConnectionOnly(Server server) throws IOException {
        try (Socket socket = http2(server)) {
            flood(socket, stream -> concat(frame(HEADERS, 5, stream, GET), frame(RST_STREAM, 0, stream, new byte[] {0, 0, 0, 8})));
        }
    }

    @ParameterizedTest
    @EnumSource
    @Tag("hostile-61")
    void tenThousandOpenStreamsAreNotServedAtOnce(Server server) throws IOException {
        try (Socket socket = http2(server)) {
            flood(socket, stream -> frame(HEADERS, 4, stream, GET));
        }
    }

    @ParameterizedTest
    @EnumSource
    @Tag("hostile-61")
    void headersThatNeverEndAreCutOff(Server server) throws IOException {
        try (Socket socket = http2(server)) {
            byte[] more = frame(CONTINUATION, 0, 1, new byte[16_000]);
            flood(socket, stream -> stream == FIRST ? concat(frame(HEADERS, 1, 1, GET), more) : more);
        }
    }

    @Test
    @Tag("hostile-61")
    void clientsThatSendOneByteAtATimeKeepNobodyOut() throws IOException {
        List<Socket> slow = new ArrayList<>();
        try {
            for (int i = 0; i < 500; i++) {
                Socket socket = new Socket(base.getHost(), base.getPort());
                slow.add(socket);
                socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ".getBytes(StandardCharsets.US_ASCII));
            }
            for (Socket socket : slow) {
                socket.getOutputStream().write('a');
            }
            assertAnswered();
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }

    @Test
    @Tag("hostile-58")
    void headersOf64KilobytesAreRefused() throws IOException {
        try (Socket socket = new Socket(base.getHost(), base.getPort())) {
            socket.setSoTimeout(20_000);
            try {
                socket.getOutputStream().write(("GET /v1/jobs HTTP/1.1\r\nHost: x\r\nX-Large: " + "a".repeat(64 << 10) + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
                String answer = new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
                assertThat(answer).matches("HTTP/1.1 4\\d\\d|");
            } catch (SocketException closed) {
                // Hung up while we were still sending: refused as well.
                assertThat(closed).isNotNull();
            }
        }
    }

    private void assertAnswered() {
        try {
            othersAreStillAnswered();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private interface Frames {
        byte[] of(int stream) throws IOException;
    }

    /** Sends until the server hangs up, or all is sent. */
    private static void flood(Socket socket, Frames frames) throws IOException {
        Thread reader = new Thread(() -> drain(socket));
        reader.setDaemon(true);
        reader.start();
        OutputStream out = socket.getOutputStream();
        try {
            for (int i = 0; i < TIMES; i++) {
                out.write(frames.of(FIRST + 2 * i));
            }
        } catch (SocketException hungUp) {
            // What a server does with such a client.
            return;
        }
    }

    private static void drain(Socket socket) {
        try (InputStream in = socket.getInputStream()) {
            in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException closed) {
            // The test is over.
        }
    }

    private Socket http2(Server server) throws IOException {
        Socket socket = new Socket(base.getHost(), server == Server.GRPC ? grpcPort : base.getPort());
        // At once: a server that speaks no HTTP/2 hangs up after the first bytes.
        socket.getOutputStream().write(concat(PREFACE, frame(SETTINGS, 0, 0, new byte[0])));
        return socket;
    }

    private static byte[] frame(int type, int flags, int stream, byte[] payload) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeByte(payload.length >> 16);
        out.writeShort(payload.length);
        out.writeByte(type);
        out.writeByte(flags);
        out.writeInt(stream);
        out.write(payload);
        return bytes.toByteArray();
    }

    private static byte[] concat(byte[] first, byte[] second) {
        byte[] all = java.util.Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }
}
