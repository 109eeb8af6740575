package dev.kogata.gateway.upload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import dev.kogata.common.v1.Reason;
import dev.kogata.gateway.GatewayUnderTest;
import dev.kogata.gateway.RestClient;
import dev.kogata.gateway.UploadAnswer;
import dev.kogata.gateway.v1.CreateUploadRequest;
import dev.kogata.gateway.v1.GatewayServiceGrpc;
import dev.kogata.gateway.v1.GetUploadRequest;
import dev.kogata.gateway.v1.Upload;
import dev.kogata.gateway.v1.WriteUploadRequest;
import dev.kogata.kit.error.KogataException;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

/** Two hundred clients in the middle of an upload, half by REST and half by gRPC, and everybody else. */
@QuarkusTest
@QuarkusTestResource(GatewayUnderTest.class)
class SlowClientsTest {
    private static final int OF_EACH = 100;

    @TestHTTPResource("/")
    URI base;
    @ConfigProperty(name = "quarkus.grpc.server.test-port")
    int port;

    @Test
    void keepNobodyElseWaitingAndEndWellThemselves() throws Exception {
        RestClient rest = new RestClient(base);
        ManagedChannel channel = NettyChannelBuilder.forAddress("localhost", port).usePlaintext().build();
        List<Socket> sockets = new ArrayList<>();
        try {
            var gateway = GatewayServiceGrpc.newBlockingStub(channel);
            List<String> paths = new ArrayList<>();
            List<StreamObserver<WriteUploadRequest>> streams = new ArrayList<>();
            List<UploadAnswer> written = new ArrayList<>();
            for (int i = 0; i < OF_EACH; i++) {
                paths.add(rest.create(4, "slow", "").header("Location"));
                sockets.add(halfSent(paths.get(i)));
                Upload upload = gateway.createUpload(CreateUploadRequest.newBuilder().setSizeBytes(4).setFilename("slow").build());
                written.add(new UploadAnswer());
                streams.add(stream(channel, written.get(i)));
                streams.get(i).onNext(WriteUploadRequest.newBuilder().setName(upload.getName()).setData(ByteString.copyFromUtf8("sl")).build());
            }

            String quick = rest.upload("quick", new byte[1_000_000]);
            assertThat(rest.head("/v1/" + quick).header("Upload-Offset")).isEqualTo("1000000");
            assertThat(rest.get("/health/ready").status()).isEqualTo(200);

            for (int i = 0; i < OF_EACH; i++) {
                sockets.get(i).getOutputStream().write("ow".getBytes(StandardCharsets.US_ASCII));
                streams.get(i).onNext(WriteUploadRequest.newBuilder().setData(ByteString.copyFromUtf8("ow")).build());
                streams.get(i).onCompleted();
            }
            for (int i = 0; i < OF_EACH; i++) {
                assertThat(written.get(i).join().getOffset()).isEqualTo(4);
                assertThat(new String(sockets.get(i).getInputStream().readNBytes(12), StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 204");
            }
        } finally {
            channel.shutdownNow();
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    /** Uploads as clients do: one that is told to go on, because the test's machine is slow, does. */
    private static long quickly(ManagedChannel channel, String name, int bytes) throws Exception {
        var gateway = GatewayServiceGrpc.newBlockingStub(channel);
        long reached = 0;
        while (reached < bytes) {
            UploadAnswer done = new UploadAnswer();
            StreamObserver<WriteUploadRequest> stream = stream(channel, done);
            for (long at = reached; at < bytes; at += 1_000_000) {
                ByteString data = ByteString.copyFrom(new byte[(int) Math.min(1_000_000, bytes - at)]);
                stream.onNext(WriteUploadRequest.newBuilder().setName(name).setOffset(reached).setData(data).build());
            }
            stream.onCompleted();
            done.handle((upload, failure) -> null).get(5, TimeUnit.MINUTES);
            reached = gateway.getUpload(GetUploadRequest.newBuilder().setName(name).build()).getOffset();
        }
        return reached;
    }

    /** More than may hold a turn, some of which have never said what they want to write. */
    @Test
    void anyNumberOfStalledUploadsByGrpcKeepNobodyWaitingAndLoseNothing() throws Exception {
        ManagedChannel channel = NettyChannelBuilder.forAddress("localhost", port).usePlaintext().build();
        try {
            var gateway = GatewayServiceGrpc.newBlockingStub(channel);
            List<String> names = new ArrayList<>();
            List<UploadAnswer> stalled = new ArrayList<>();
            for (int i = 0; i < 2 * OF_EACH; i++) {
                stream(channel, new UploadAnswer());
                Upload upload = gateway.createUpload(CreateUploadRequest.newBuilder().setSizeBytes(4).setFilename("stalled").build());
                names.add(upload.getName());
                stalled.add(new UploadAnswer());
                stream(channel, stalled.get(i)).onNext(WriteUploadRequest.newBuilder().setName(upload.getName()).setData(ByteString.copyFromUtf8("st")).build());
            }
            Upload quick = gateway.createUpload(CreateUploadRequest.newBuilder().setSizeBytes(8_000_000).setFilename("quick").build());
            assertThat(quickly(channel, quick.getName(), 8_000_000)).isEqualTo(8_000_000);

            for (int i = 0; i < names.size(); i++) {
                assertThat(stalled.get(i).isDone() && !stalled.get(i).isCompletedExceptionally()).isFalse();
            }
            int gaveUp = (int) stalled.stream().filter(UploadAnswer::isDone).count();
            assertThat(gaveUp).as("some had to make room").isPositive();
            for (int i = 0; i < names.size(); i++) {
                if (stalled.get(i).isDone()) {
                    CompletionException why = catchThrowableOfType(CompletionException.class, stalled.get(i)::join);
                    assertThat(KogataException.of((StatusRuntimeException) why.getCause()).reason()).isEqualTo(Reason.UPLOAD_INCOMPLETE);
                    assertThat(gateway.getUpload(GetUploadRequest.newBuilder().setName(names.get(i)).build()).getOffset()).as("what came is kept").isEqualTo(2);
                }
            }
        } finally {
            channel.shutdownNow();
        }
    }

    @Test
    void anyNumberOfStalledUploadsByRestKeepNobodyWaitingAndLoseNothing() throws Exception {
        RestClient rest = new RestClient(base);
        List<Socket> sockets = new ArrayList<>();
        try {
            List<String> paths = new ArrayList<>();
            for (int i = 0; i < OF_EACH + 50; i++) {
                paths.add(rest.create(4, "stalled", "").header("Location"));
                sockets.add(halfSent(paths.get(i)));
                // Its thread reads, or it is told to try again because none of the others is slow yet.
                awaitBegun(rest, paths.get(i), sockets.get(i));
            }
            String quick = rest.create(1_000_000, "quick", "").header("Location");
            while (rest.patch(quick, 0, new byte[1_000_000]).status() == 503) {
                LockSupport.parkNanos(2_000_000);
            }
            assertThat(rest.head(quick).header("Upload-Offset")).isEqualTo("1000000");
            sockets.get(0).setSoTimeout(60_000);
            String answer = new String(sockets.get(0).getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
            assertThat(answer).as("the one that was silent for longest").isEqualTo("HTTP/1.1 409");
            assertThat(rest.head(paths.get(0)).header("Upload-Offset")).as("what came is kept").isEqualTo("2");
            assertThat(rest.patch(paths.get(0), 2, "ll".getBytes(StandardCharsets.US_ASCII)).status()).isEqualTo(204);
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    private static void awaitBegun(RestClient rest, String path, Socket socket) throws IOException {
        while (!"2".equals(rest.head(path).header("Upload-Offset")) && socket.getInputStream().available() == 0) {
            LockSupport.parkNanos(2_000_000);
        }
    }

    private Socket halfSent(String path) throws Exception {
        Socket socket = new Socket(base.getHost(), base.getPort());
        OutputStream out = socket.getOutputStream();
        out.write(("PATCH " + path + " HTTP/1.1\r\nHost: localhost\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n"
            + "Content-Type: application/offset+octet-stream\r\nContent-Length: 4\r\n\r\nsl").getBytes(StandardCharsets.US_ASCII));
        out.flush();
        return socket;
    }

    private static StreamObserver<WriteUploadRequest> stream(ManagedChannel channel, UploadAnswer done) {
        return GatewayServiceGrpc.newStub(channel).writeUpload(done);
    }
}
