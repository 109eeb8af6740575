package dev.kogata.e2e;

import dev.kogata.common.v1.ManifestFile;
import dev.kogata.orchestrator.v1.GetJobResultRequest;
import dev.kogata.orchestrator.v1.GetUsageRequest;
import dev.kogata.orchestrator.v1.JobResult;
import dev.kogata.orchestrator.v1.OrchestratorServiceGrpc.OrchestratorServiceImplBase;
import dev.kogata.orchestrator.v1.Usage;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The packaged gateway alone, with little memory, before an orchestrator that knows one job with its result and no quotas: what passes
 * through the gateway is bytes. On free ports, until closed.
 */
final class LoneGateway implements AutoCloseable {
    private static final String JOB = "jobs/done";

    private final Path home;
    private final Server orchestrator;
    private final int http;
    private final int grpc;
    private final Process process;

    private LoneGateway(Path home, Server orchestrator, int http, int grpc, Process process) {
        this.home = home;
        this.orchestrator = orchestrator;
        this.http = http;
        this.grpc = grpc;
        this.process = process;
    }

    /**
     * Starts it and returns when it is ready.
     *
     * @param files of the result of {@code jobs/done}, whose bytes the caller puts below {@link #artifacts}
     * @param options of the JVM
     */
    static LoneGateway start(Path home, List<ManifestFile> files, String... options) throws Exception {
        Path application = Kogata.ROOT.resolve("gateway/target/quarkus-app/quarkus-run.jar");
        if (!Files.isRegularFile(application)) {
            throw new AssertionError("package the gateway first: " + application + " is not there");
        }
        Server orchestrator = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)).addService(new OneJob(files)).build().start();
        int http = freePort();
        int grpc = freePort();
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        Collections.addAll(command, options);
        Collections.addAll(command, "-XX:+ExitOnOutOfMemoryError", "-Dkogata.home=" + home.resolve("gateway"), "-Dkogata.artifacts.url=" + artifacts(home).toUri(),
                "-Dkogata.orchestrator.address=127.0.0.1:" + orchestrator.getPort(), "-Dkogata.requests.enabled=false", "-Dquarkus.http.port=" + http,
                "-Dquarkus.grpc.server.port=" + grpc, "-jar", application.toString());
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(Files.createDirectories(home).resolve("gateway.log").toFile()).start();
        LoneGateway gateway = new LoneGateway(home, orchestrator, http, grpc, process);
        HttpClient client = HttpClient.newHttpClient();
        HttpRequest health = HttpRequest.newBuilder(gateway.url("/health/live")).build();
        Until.holds("the gateway is ready (its log: " + home.resolve("gateway.log") + ")", () -> {
            try {
                return client.send(health, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
            } catch (IOException notListeningYet) {
                return false;
            }
        });
        return gateway;
    }

    /** Folder of the artifact store of a gateway with this home. */
    static Path artifacts(Path home) {
        return home.resolve("artifacts");
    }

    /** Where an artifact lies in it. */
    static Path artifact(Path home, String sha256) {
        return artifacts(home).resolve("sha256").resolve(sha256.substring(0, 2)).resolve(sha256);
    }

    URI url(String path) {
        return URI.create("http://127.0.0.1:" + http + path);
    }

    int grpcPort() {
        return grpc;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    String log() throws IOException {
        return Files.readString(home.resolve("gateway.log"));
    }

    @Override
    public void close() throws Exception {
        process.destroy();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
        orchestrator.shutdownNow();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** As much of an orchestrator as that takes. */
    private static final class OneJob extends OrchestratorServiceImplBase {
        private final List<ManifestFile> files;

        OneJob(List<ManifestFile> files) {
            this.files = files;
        }

        @Override
        public void getJobResult(GetJobResultRequest request, StreamObserver<JobResult> caller) {
            caller.onNext(JobResult.newBuilder().setJob(JOB).addAllFiles(files).build());
            caller.onCompleted();
        }

        @Override
        public void getUsage(GetUsageRequest request, StreamObserver<Usage> caller) {
            caller.onNext(Usage.getDefaultInstance());
            caller.onCompleted();
        }
    }
}
