package dev.kogata.e2e;

import dev.kogata.gateway.v1.DeleteUploadRequest;
import dev.kogata.gateway.v1.GatewayServiceGrpc;
import dev.kogata.gateway.v1.Upload;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
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
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Load on a running gateway of this machine, by hand: {@code GatewayLoad HTTP_URL GRPC_HOST:PORT PID FOLDER [MEGABYTES [ROUNDS]]}. Uploads over
 * both doors with their SHA-256 announced, one client and two hundred, the latter also beside slow ones; in the same rounds the floor: the same bytes
 * hashed by one thread and written to a file of FOLDER, which belongs on the gateway's disk. Beside the clock stand the processor seconds of
 * the gateway's process and of this one, and the gateway's memory. Figures are in docs/benchmarks.md.
 */
public final class GatewayLoad {
    private static final int MESSAGE = 1 << 20;
    private static final int CLIENTS = 200;
    private static final int SLOW = 20;
    private static final int EACH = 4;
    private static final double TICKS = 100;
    private static final byte[] PIECE = new byte[MESSAGE];

    private final URI http;
    private final String grpc;
    private final ServedProcess gateway;
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private GatewayLoad(URI http, String grpc, ServedProcess gateway) {
        this.http = http;
        this.grpc = grpc;
        this.gateway = gateway;
    }

    /** See the class. */
    public static void main(String[] arguments) {
        try {
            run(arguments);
            System.exit(0);
        } catch (Exception e) {
            e.printStackTrace();
            System.exit(1);
        }
    }

    private static void run(String[] arguments) throws Exception {
        new Random(1).nextBytes(PIECE);
        GatewayLoad load = new GatewayLoad(URI.create(arguments[0]), arguments[1], new ServedProcess(arguments[2]));
        int megabytes = arguments.length > 4 ? Integer.parseInt(arguments[4]) : 1024;
        int rounds = arguments.length > 5 ? Integer.parseInt(arguments[5]) : 3;
        System.out.println("idle                          " + load.gateway.memory());
        String whole = sha256(megabytes);
        String small = sha256(EACH);
        for (int round = 0; round < rounds; round++) {
            load.measure("floor: hash", megabytes, () -> sha256(megabytes));
            load.measure("floor: write, sync", megabytes, () -> write(Path.of(arguments[3]), megabytes));
            load.measure("gRPC, one client", megabytes, () -> load.byGrpc(megabytes, whole));
            load.measure("REST, one client", megabytes, () -> load.byRest(megabytes, whole));
        }
        for (int round = 0; round < rounds; round++) {
            load.measure("gRPC, 200 clients", CLIENTS * EACH, () -> load.together(() -> load.byGrpc(EACH, small)));
            load.measure("REST, 200 clients", CLIENTS * EACH, () -> load.together(() -> load.byRest(EACH, small)));
            try (SlowUploads slow = load.new SlowUploads()) {
                load.measure("gRPC, 200 and 20 slow", CLIENTS * EACH, () -> load.together(() -> load.byGrpc(EACH, small)));
                load.measure("REST, 200 and 20 slow", CLIENTS * EACH, () -> load.together(() -> load.byRest(EACH, small)));
                System.out.println("slow clients still served: " + slow.alive());
            }
        }
        System.out.println("after                         " + load.gateway.memory());
    }

    private void measure(String what, int megabytes, Callable<?> work) throws Exception {
        double cpu = gateway.processorSeconds();
        double own = ServedProcess.own().processorSeconds();
        long began = System.nanoTime();
        work.call();
        double seconds = (System.nanoTime() - began) / 1e9;
        System.out.printf(Locale.ROOT, "%-24s %5d MB %7.2f s %6.0f MB/s  gateway %6.2f s  here %6.2f s   %s%n", what, megabytes, seconds, megabytes * 1.048576 / seconds,
                gateway.processorSeconds() - cpu, ServedProcess.own().processorSeconds() - own, gateway.memory());
    }

    private static String sha256(int megabytes) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (int i = 0; i < megabytes; i++) {
            digest.update(PIECE);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static Object write(Path folder, int megabytes) throws Exception {
        Path file = Files.createTempFile(folder, "floor", "");
        try (FileOutputStream out = new FileOutputStream(file.toFile())) {
            for (int i = 0; i < megabytes; i++) {
                out.write(PIECE);
            }
            out.getFD().sync();
        } finally {
            Files.delete(file);
        }
        return null;
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

    private Object byGrpc(int megabytes, String sha256) throws Exception {
        ManagedChannel channel = NettyChannelBuilder.forTarget(grpc).usePlaintext().build();
        try {
            var stub = GatewayServiceGrpc.newBlockingStub(channel);
            Upload upload = GrpcUpload.send(channel, PIECE, megabytes, sha256);
            stub.deleteUpload(DeleteUploadRequest.newBuilder().setName(upload.getName()).build());
            return null;
        } finally {
            channel.shutdownNow();
        }
    }

    private Object byRest(int megabytes, String sha256) throws Exception {
        URI place = created(megabytes, sha256);
        HttpResponse<Void> done = client.send(HttpRequest.newBuilder(place).header("Tus-Resumable", "1.0.0").header("Upload-Offset", "0")
                .header("Content-Type", "application/offset+octet-stream")
                .method("PATCH", BodyPublishers.fromPublisher(BodyPublishers.ofInputStream(() -> new Repeated(megabytes)), (long) megabytes * MESSAGE)).build(),
                BodyHandlers.discarding());
        if (done.statusCode() != 204) {
            throw new IllegalStateException("upload answered " + done.statusCode());
        }
        delete(place);
        return null;
    }

    private URI created(int megabytes, String sha256) throws Exception {
        HttpResponse<Void> created = client.send(HttpRequest.newBuilder(http.resolve("/v1/uploads")).header("Tus-Resumable", "1.0.0")
                .header("Upload-Length", Long.toString((long) megabytes * MESSAGE))
                .header("Upload-Metadata", "sha256 " + Base64.getEncoder().encodeToString(sha256.getBytes(StandardCharsets.US_ASCII)))
                .POST(BodyPublishers.noBody()).build(), BodyHandlers.discarding());
        return http.resolve(created.headers().firstValue("Location").orElseThrow());
    }

    private void delete(URI place) throws Exception {
        client.send(HttpRequest.newBuilder(place).header("Tus-Resumable", "1.0.0").DELETE().build(), BodyHandlers.discarding());
    }

    /** Uploads by REST that send a kilobyte every quarter of a second, on connections of their own. */
    private final class SlowUploads implements AutoCloseable {
        private final List<Socket> sockets = new ArrayList<>();
        private final List<URI> places = new ArrayList<>();
        private final List<Thread> threads = new ArrayList<>();
        private volatile boolean over;

        SlowUploads() throws Exception {
            for (int i = 0; i < SLOW; i++) {
                URI place = created(EACH, sha256(EACH));
                places.add(place);
                Socket socket = new Socket(http.getHost(), http.getPort());
                sockets.add(socket);
                socket.getOutputStream().write(("PATCH " + place.getPath() + " HTTP/1.1\r\nHost: " + http.getAuthority() + "\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n"
                        + "Content-Type: application/offset+octet-stream\r\nContent-Length: " + EACH * MESSAGE + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
                Thread thread = new Thread(() -> drip(socket));
                thread.start();
                threads.add(thread);
            }
        }

        private void drip(Socket socket) {
            try {
                while (!over) {
                    socket.getOutputStream().write(PIECE, 0, 1024);
                    Thread.sleep(250);
                }
            } catch (Exception gone) {
                // Told by alive().
            }
        }

        long alive() {
            return threads.stream().filter(Thread::isAlive).count();
        }

        @Override
        public void close() throws Exception {
            over = true;
            for (Socket socket : sockets) {
                socket.close();
            }
            for (Thread thread : threads) {
                thread.join();
            }
            for (URI place : places) {
                delete(place);
            }
        }
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
            int from = MESSAGE - 1 - (int) ((left - 1) % MESSAGE);
            int count = Math.min(length, MESSAGE - from);
            System.arraycopy(PIECE, from, buffer, offset, count);
            left -= count;
            return count;
        }
    }

    /** What Linux and the JVM tell of a process. */
    private record ServedProcess(String pid) {
        static ServedProcess own() {
            return new ServedProcess("self");
        }

        double processorSeconds() throws Exception {
            String[] fields = Files.readString(Path.of("/proc", pid, "stat")).replaceFirst("^.*\\) ", "").split(" ");
            return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS;
        }

        /** Resident, its peak since the last time it was asked, and the heap in use after a collection. */
        String memory() throws Exception {
            List<String> status = Files.readAllLines(Path.of("/proc", pid, "status"));
            Files.writeString(Path.of("/proc", pid, "clear_refs"), "5");
            jcmd("GC.run");
            String heap = jcmd("GC.heap_info").lines().filter(line -> line.contains("used")).map(line -> line.trim().replaceAll(" +\\[.*", ""))
                    .filter(line -> !line.contains("space")).reduce((one, other) -> one + "; " + other).orElse("");
            return megabytes(status, "VmRSS") + " MB, peak " + megabytes(status, "VmHWM") + " MB; " + heap;
        }

        private static long megabytes(List<String> status, String field) {
            return status.stream().filter(line -> line.startsWith(field)).mapToLong(line -> Long.parseLong(line.replaceAll("\\D", ""))).sum() / 1024;
        }

        private String jcmd(String command) throws Exception {
            Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(), pid, command).redirectErrorStream(true).start();
            String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            process.waitFor();
            return answer;
        }
    }
}
