package dev.kogata.gateway.upload;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.kogata.gateway.GatewayUnderTest;
import dev.kogata.gateway.RestClient;
import dev.kogata.gateway.v1.CreateUploadRequest;
import dev.kogata.gateway.v1.GatewayServiceGrpc;
import dev.kogata.gateway.v1.Upload;
import dev.kogata.gateway.v1.WriteUploadRequest;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
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
            List<CompletableFuture<Upload>> written = new ArrayList<>();
            for (int i = 0; i < OF_EACH; i++) {
                paths.add(rest.create(4, "slow", "").header("Location"));
                sockets.add(halfSent(paths.get(i)));
                Upload upload = gateway.createUpload(CreateUploadRequest.newBuilder().setSizeBytes(4).setFilename("slow").build());
                written.add(new CompletableFuture<>());
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

    private Socket halfSent(String path) throws Exception {
        Socket socket = new Socket(base.getHost(), base.getPort());
        OutputStream out = socket.getOutputStream();
        out.write(("PATCH " + path + " HTTP/1.1\r\nHost: localhost\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n"
            + "Content-Type: application/offset+octet-stream\r\nContent-Length: 4\r\n\r\nsl").getBytes(StandardCharsets.US_ASCII));
        out.flush();
        return socket;
    }

    private static StreamObserver<WriteUploadRequest> stream(ManagedChannel channel, CompletableFuture<Upload> done) {
        return GatewayServiceGrpc.newStub(channel).writeUpload(new StreamObserver<>() {
            @Override
            public void onNext(Upload upload) {
                done.complete(upload);
            }

            @Override
            public void onError(Throwable failure) {
                done.completeExceptionally(failure);
            }

            @Override
            public void onCompleted() {}
        });
    }
}
