package dev.kogata.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kogata.common.v1.ManifestFile;
import dev.kogata.gateway.v1.GatewayServiceGrpc;
import dev.kogata.gateway.v1.ReadResultFileRequest;
import dev.kogata.gateway.v1.ReadResultFileResponse;
import dev.kogata.gateway.v1.Upload;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * A gateway with a small heap moves several times its memory, both ways and by both doors, also beside clients that take nothing: it would end at the
 * first lack of memory. What its downloads come to whose files are deleted meanwhile is shown on the way.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SmallHeapTest {
    private static final int PIECE = 1 << 20;
    /** Three times the heap, and more than all memory that the gateway may have. */
    private static final int UPLOAD_PIECES = 300;
    private static final int FILE_PIECES = 24;
    private static final int SLOW_OF_EACH_KIND = 17;
    private static final int FAST_OF_EACH_KIND = 7;

    @TempDir static Path home;
    private final byte[] piece = new byte[PIECE];
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private String sha256;
    private String tarSha256;
    private LoneGateway gateway;
    private ManagedChannel channel;

    @BeforeAll
    void start() throws Exception {
        new Random(1).nextBytes(piece);
        sha256 = hash(FILE_PIECES);
        Path file = LoneGateway.artifact(home, sha256);
        Files.createDirectories(file.getParent());
        try (var out = Files.newOutputStream(file)) {
            for (int i = 0; i < FILE_PIECES; i++) {
                out.write(piece);
            }
        }
        List<ManifestFile> files = new ArrayList<>();
        for (String path : List.of("bundle/a.onnx_data", "bundle/b.onnx_data")) {
            files.add(ManifestFile.newBuilder().setPath(path).setSha256(sha256).setSizeBytes((long) FILE_PIECES * PIECE).build());
        }
        gateway = LoneGateway.start(home, files, "-Xmx96m", "-XX:MaxDirectMemorySize=96m", "-XX:+UseSerialGC");
        channel = NettyChannelBuilder.forAddress("127.0.0.1", gateway.grpcPort()).usePlaintext().build();
        tarSha256 = restDownload("/v1/jobs/done/result.tar");
    }

    @AfterAll
    void stop() throws Exception {
        threads.shutdownNow();
        if (gateway != null) {
            channel.shutdownNow();
            gateway.close();
        }
    }

    @Test
    @Order(1)
    void takesInSeveralTimesItsMemoryByBothDoors() throws Exception {
        String whole = hash(UPLOAD_PIECES);
        restUpload(whole);
        GrpcUpload.send(channel, piece, UPLOAD_PIECES, whole);
        assertUnharmed();
    }

    @Test
    @Order(2)
    void fiftyReadersThatTakeNothingKeepNoOtherFromReading() throws Exception {
        List<Socket> sockets = new ArrayList<>();
        List<SlowRead> streams = new ArrayList<>();
        List<ManagedChannel> channels = new ArrayList<>();
        try {
            for (int i = 0; i < SLOW_OF_EACH_KIND; i++) {
                sockets.add(begun("/v1/jobs/done/result/bundle/a.onnx_data"));
                sockets.add(begun("/v1/jobs/done/result.tar"));
                // A connection of its own, as another program has.
                channels.add(NettyChannelBuilder.forAddress("127.0.0.1", gateway.grpcPort()).usePlaintext().build());
                streams.add(new SlowRead(channels.get(i)));
                streams.get(i).first.await();
            }
            List<Future<String>> fast = new ArrayList<>();
            for (int i = 0; i < FAST_OF_EACH_KIND; i++) {
                fast.add(threads.submit(() -> restDownload("/v1/jobs/done/result/bundle/b.onnx_data")));
                fast.add(threads.submit(() -> new SlowRead(channel).rest()));
                fast.add(threads.submit(() -> restDownload("/v1/jobs/done/result.tar").replace(tarSha256, sha256)));
            }
            for (Future<String> each : fast) {
                assertThat(each.get()).isEqualTo(sha256);
            }
            assertUnharmed();

            Files.delete(LoneGateway.artifact(home, sha256));
            assertThat(rest(sockets.get(0))).as("a file that has begun ends whole in a folder").isEqualTo(sha256);
            assertThat(streams.get(0).rest()).as("and so by gRPC").isEqualTo(sha256);
            assertThat(rest(sockets.get(1))).as("a tar breaks off where its next file is gone").isNull();
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
            channels.forEach(ManagedChannel::shutdownNow);
        }
    }

    private void assertUnharmed() throws Exception {
        assertThat(gateway.isAlive()).as(gateway.log()).isTrue();
        assertThat(gateway.log()).doesNotContain("OutOfMemory").doesNotContain("OutOfDirectMemory");
        assertThat(http.send(HttpRequest.newBuilder(gateway.url("/health/live")).build(), BodyHandlers.discarding()).statusCode()).isEqualTo(200);
    }

    private String hash(int pieces) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (int i = 0; i < pieces; i++) {
            digest.update(piece);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private void restUpload(String whole) throws Exception {
        HttpResponse<Void> created = http.send(HttpRequest.newBuilder(gateway.url("/v1/uploads")).header("Tus-Resumable", "1.0.0")
                .header("Upload-Length", Long.toString((long) UPLOAD_PIECES * PIECE))
                .header("Upload-Metadata", "sha256 " + Base64.getEncoder().encodeToString(whole.getBytes(StandardCharsets.US_ASCII))).POST(BodyPublishers.noBody()).build(),
                BodyHandlers.discarding());
        String place = created.headers().firstValue("Location").orElseThrow();
        HttpResponse<String> done = http.send(HttpRequest.newBuilder(gateway.url(place)).header("Tus-Resumable", "1.0.0").header("Upload-Offset", "0")
                .header("Content-Type", "application/offset+octet-stream")
                .method("PATCH", BodyPublishers.ofByteArrays(() -> IntStream.range(0, UPLOAD_PIECES).mapToObj(i -> piece).iterator())).build(), BodyHandlers.ofString());
        assertThat(done.statusCode()).as(done.body()).isEqualTo(204);
        http.send(HttpRequest.newBuilder(gateway.url(place)).header("Tus-Resumable", "1.0.0").DELETE().build(), BodyHandlers.discarding());
    }

    private String restDownload(String path) throws Exception {
        try (InputStream in = http.send(HttpRequest.newBuilder(gateway.url(path)).build(), BodyHandlers.ofInputStream()).body()) {
            return hash(in);
        }
    }

    /** A download of which the first byte of the answer was read, and no more. */
    private Socket begun(String path) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(64 << 10);
        socket.connect(new InetSocketAddress("127.0.0.1", gateway.url("/").getPort()));
        socket.getOutputStream().write(("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        assertThat(socket.getInputStream().read()).isEqualTo('H');
        return socket;
    }

    /** The SHA-256 of what is left of an answer's body; null where it broke off. */
    private static String rest(Socket socket) throws Exception {
        InputStream in = new BufferedInputStream(socket.getInputStream());
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) in.read());
        }
        try {
            long length = Long.parseLong(head.toString().replaceAll("(?is).*content-length: (\\d+).*", "$1"));
            byte[] body = in.readNBytes((int) length);
            return body.length < length ? null : HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
        } catch (IOException brokenOff) {
            return null;
        }
    }

    private static String hash(InputStream in) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        byte[] buffer = new byte[1 << 16];
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
            digest.update(buffer, 0, count);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** A gRPC download that takes one message, and then none until asked for the rest. */
    private final class SlowRead implements ClientResponseObserver<ReadResultFileRequest, ReadResultFileResponse> {
        private final CountDownLatch first = new CountDownLatch(1);
        private final CompletableFuture<String> whole = new CompletableFuture<>();
        private final MessageDigest digest = MessageDigest.getInstance("SHA-256");
        private ClientCallStreamObserver<ReadResultFileRequest> call;
        private volatile boolean going;

        SlowRead(ManagedChannel over) throws Exception {
            GatewayServiceGrpc.newStub(over).readResultFile(ReadResultFileRequest.newBuilder().setJob("jobs/done").setPath("bundle/a.onnx_data").build(), this);
        }

        String rest() {
            going = true;
            call.request(1);
            try {
                return whole.join();
            } catch (CompletionException brokenOff) {
                return null;
            }
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<ReadResultFileRequest> started) {
            call = started;
            started.disableAutoRequestWithInitial(1);
        }

        @Override
        public void onNext(ReadResultFileResponse message) {
            digest.update(message.getData().asReadOnlyByteBuffer());
            first.countDown();
            if (going) {
                call.request(1);
            }
        }

        @Override
        public void onError(Throwable failure) {
            first.countDown();
            whole.completeExceptionally(failure);
        }

        @Override
        public void onCompleted() {
            whole.complete(HexFormat.of().formatHex(digest.digest()));
        }
    }
}
