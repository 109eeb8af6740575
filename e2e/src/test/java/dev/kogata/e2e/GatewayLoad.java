package dev.kogata.e2e;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.kogata.gateway.v1.CreateUploadRequest;
import dev.kogata.gateway.v1.DeleteUploadRequest;
import dev.kogata.gateway.v1.GatewayServiceGrpc;
import dev.kogata.gateway.v1.Upload;
import dev.kogata.gateway.v1.WriteUploadRequest;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;

/**
 * Load on a running gateway, by hand: {@code GatewayLoad HTTP_URL GRPC_HOST:PORT PID [MEGABYTES]}. Uploads over both doors, one client
 * and two hundred, and reads the process' memory meanwhile. Figures are in docs/benchmarks.md.
 */
public final class GatewayLoad {
    private static final int MESSAGE = 1 << 20;
    private static final int CLIENTS = 200;
    private static final byte[] PIECE = new byte[MESSAGE];

    private final URI http;
    private final String grpc;
    private final String pid;
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private GatewayLoad(URI http, String grpc, String pid) {
        this.http = http;
        this.grpc = grpc;
        this.pid = pid;
    }

    /** See the class. */
    public static void main(String[] arguments) throws Exception {
        new java.util.Random(1).nextBytes(PIECE);
        GatewayLoad load = new GatewayLoad(URI.create(arguments[0]), arguments[1], arguments[2]);
        int megabytes = arguments.length > 3 ? Integer.parseInt(arguments[3]) : 1024;
        System.out.println("memory before: " + load.memory());
        for (int round = 0; round < 3; round++) {
            load.measure("gRPC upload, one client", megabytes, () -> load.byGrpc(megabytes));
            load.measure("REST upload, one client", megabytes, () -> load.byRest(megabytes));
        }
        load.measure("gRPC uploads, 200 clients", CLIENTS * 4, () -> load.together(() -> load.byGrpc(4)));
        load.measure("REST uploads, 200 clients", CLIENTS * 4, () -> load.together(() -> load.byRest(4)));
        System.out.println("memory after: " + load.memory());
        System.exit(0);
    }

    private void measure(String what, int megabytes, Callable<?> work) throws Exception {
        long began = System.nanoTime();
        work.call();
        double seconds = (System.nanoTime() - began) / 1e9;
        System.out.printf(Locale.ROOT, "%-28s %6d MB %8.2f s %8.0f MB/s   %s%n", what, megabytes, seconds, megabytes * 1.048576 / seconds, memory());
    }

    private Object together(Callable<?> one) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            running.add(threads.submit(one));
        }
        for (Future<?> each : running) {
            each.get();
        }
        threads.shutdown();
        return null;
    }

    private Object byGrpc(int megabytes) throws Exception {
        ManagedChannel channel = NettyChannelBuilder.forTarget(grpc).usePlaintext().build();
        try {
            var gateway = GatewayServiceGrpc.newBlockingStub(channel);
            Upload upload = gateway.createUpload(CreateUploadRequest.newBuilder().setSizeBytes((long) megabytes * MESSAGE).setFilename("load").build());
            CompletableFuture<Upload> done = new CompletableFuture<>();
            Semaphore ready = new Semaphore(0);
            Writer writer = new Writer(done, ready);
            GatewayServiceGrpc.newStub(channel).writeUpload(writer);
            ByteString data = UnsafeByteOperations.unsafeWrap(PIECE);
            for (int i = 0; i < megabytes; i++) {
                while (!writer.call.isReady() && !done.isDone()) {
                    ready.acquire();
                }
                writer.call.onNext(WriteUploadRequest.newBuilder().setName(i == 0 ? upload.getName() : "").setData(data).build());
            }
            writer.call.onCompleted();
            if (done.get().getOffset() != (long) megabytes * MESSAGE) {
                throw new IllegalStateException("not all bytes have arrived");
            }
            gateway.deleteUpload(DeleteUploadRequest.newBuilder().setName(upload.getName()).build());
            return null;
        } finally {
            channel.shutdownNow();
        }
    }

    private static final class Writer implements ClientResponseObserver<WriteUploadRequest, Upload> {
        private final CompletableFuture<Upload> done;
        private final Semaphore ready;
        private ClientCallStreamObserver<WriteUploadRequest> call;

        Writer(CompletableFuture<Upload> done, Semaphore ready) {
            this.done = done;
            this.ready = ready;
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<WriteUploadRequest> started) {
            call = started;
            started.setOnReadyHandler(ready::release);
        }

        @Override
        public void onNext(Upload upload) {
            done.complete(upload);
        }

        @Override
        public void onError(Throwable failure) {
            done.completeExceptionally(failure);
            ready.release();
        }

        @Override
        public void onCompleted() {}
    }

    private Object byRest(int megabytes) throws Exception {
        HttpResponse<Void> created = client.send(HttpRequest.newBuilder(http.resolve("/v1/uploads")).header("Tus-Resumable", "1.0.0")
                .header("Upload-Length", Long.toString((long) megabytes * MESSAGE)).POST(BodyPublishers.noBody()).build(), BodyHandlers.discarding());
        URI place = http.resolve(created.headers().firstValue("Location").orElseThrow());
        HttpResponse<Void> done = client.send(HttpRequest.newBuilder(place).header("Tus-Resumable", "1.0.0").header("Upload-Offset", "0")
                .header("Content-Type", "application/offset+octet-stream")
                .method("PATCH", BodyPublishers.fromPublisher(BodyPublishers.ofInputStream(() -> new Repeated(megabytes)), (long) megabytes * MESSAGE)).build(),
                BodyHandlers.discarding());
        if (done.statusCode() != 204) {
            throw new IllegalStateException("upload answered " + done.statusCode());
        }
        client.send(HttpRequest.newBuilder(place).header("Tus-Resumable", "1.0.0").DELETE().build(), BodyHandlers.discarding());
        return null;
    }

    /** The same piece again and again. */
    private static final class Repeated extends InputStream {
        private long left;

        Repeated(int pieces) {
            left = (long) pieces * MESSAGE;
        }

        @Override
        public int read() {
            throw new UnsupportedOperationException("read in pieces");
        }

        @Override
        public int read(byte[] buffer, int offset, int length) {
            if (left == 0) {
                return -1;
            }
            int count = (int) Math.min(Math.min(length, MESSAGE), left);
            System.arraycopy(PIECE, 0, buffer, offset, count);
            left -= count;
            return count;
        }
    }

    private String memory() throws IOException {
        List<String> lines = Files.readAllLines(Path.of("/proc", pid, "status"));
        return lines.stream().filter(line -> line.startsWith("VmRSS") || line.startsWith("VmHWM")).map(line -> line.replaceAll("\\s+", " "))
                .reduce((one, other) -> one + ", " + other).orElse("");
    }
}
