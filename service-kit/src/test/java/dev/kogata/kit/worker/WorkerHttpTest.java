package dev.kogata.kit.worker;

import static dev.kogata.kit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.StringValue;
import dev.kogata.common.v1.Reason;
import dev.kogata.kit.TestConfig;
import dev.kogata.kit.artifact.FolderArtifactStore;
import dev.kogata.kit.config.KogataConfig;
import dev.kogata.kit.error.KogataException;
import dev.kogata.kit.task.TestTaskApi;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.prometheus.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Kubernetes and Prometheus ask a worker. No framework, since a worker has none. */
class WorkerHttpTest {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @TempDir
    Path folder;

    private final List<AutoCloseable> open = new ArrayList<>();
    private final WorkerHealth health = new WorkerHealth(Duration.ofMillis(1));
    private KogataConfig config;
    private TestTaskApi api;
    private PrometheusMeterRegistry metrics;
    private WorkerHttp http;

    @BeforeEach
    void open() {
        config = TestConfig.with(Map.of("kogata.worker.folder", folder.resolve("work").toString(), "kogata.worker.heartbeat", "PT0.05S",
                "kogata.worker.poll", "PT1S", "kogata.task.check", "PT0.05S"));
        api = new TestTaskApi(config, "profile");
        metrics = WorkerMetrics.open();
        open.add(() -> Metrics.removeRegistry(metrics));
        http = new WorkerHttp("127.0.0.1", 0, health, metrics::scrape);
        open.add(http);
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable it : open) {
            it.close();
        }
        api.close();
    }

    @Test
    void aWorkerThatHasNotReachedItsApiYetIsAliveButNotStarted() throws Exception {
        assertThat(get("/health/live").statusCode()).isEqualTo(200);
        assertThat(get("/health/started").statusCode()).isEqualTo(503);
        assertThat(get("/health/ready").statusCode()).isEqualTo(503);
    }

    @Test
    void isReadyWhileItsApiAnswersAndAliveWhileItDoesNot() throws Exception {
        worker((request, context) -> StringValue.of("done"));
        assertThat(get("/health/started").statusCode()).isEqualTo(200);
        eventually(() -> assertThat(get("/health/ready").body()).contains("\"status\":\"UP\"").contains("\"name\":\"api\""));
        api.down();
        eventually(() -> assertThat(get("/health/ready").statusCode()).isEqualTo(503));
        assertThat(get("/health/live").statusCode()).as("killing it would lose its task").isEqualTo(200);
        api.up();
        eventually(() -> assertThat(get("/health/ready").statusCode()).isEqualTo(200));
    }

    @Test
    void isNotReadyAnyMoreOnceItIsBeingStopped() throws Exception {
        worker((request, context) -> StringValue.of("done"));
        eventually(() -> assertThat(get("/health/ready").statusCode()).isEqualTo(200));
        health.stopping();
        assertThat(get("/health/ready").statusCode()).isEqualTo(503);
        assertThat(get("/health/live").statusCode()).isEqualTo(200);
    }

    @Test
    void isNotLiveWhileACancelledTaskHoldsItsSlotAndIsAgainOnceItLetsGo() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch letGo = new CountDownLatch(1);
        worker((request, context) -> {
            begun.countDown();
            // Deaf, as a model deep in native code is.
            letGo.await();
            return StringValue.of("too late");
        });
        String name = start();
        begun.await();
        assertThat(get("/health/live").statusCode()).isEqualTo(200);
        api.board("profile").cancel(name);
        eventually(() -> assertThat(get("/health/live").statusCode()).isEqualTo(503));
        assertThat(get("/health/live").body()).contains(name + " was told to stop and has not");
        letGo.countDown();
        eventually(() -> assertThat(get("/health/live").statusCode()).isEqualTo(200));
    }

    @Test
    void countsItsTasksByTypeAndOutcome() throws Exception {
        worker((request, context) -> {
            if (request.unpack(StringValue.class).getValue().equals("bad")) {
                throw new KogataException(Reason.MODEL_BROKEN, "broken");
            }
            return StringValue.of("done");
        });
        double well = count("succeeded");
        double ill = count("failed");
        start();
        api.board("profile").start("bad", "jobs/1", StringValue.of("bad"));
        eventually(() -> assertThat(count("succeeded")).isEqualTo(well + 1));
        eventually(() -> assertThat(count("failed")).isEqualTo(ill + 1));
        String metrics = get("/metrics").body();
        assertThat(metrics).contains("kogata_worker_slots 1.0").contains("jvm_memory_used_bytes").contains("process_cpu_usage");
        assertThat(watched("kogata_worker_")).as("names in the dashboard and the alerts").contains("kogata_worker_busy", "kogata_worker_task_seconds_count")
                .allSatisfy(name -> assertThat(metrics).containsPattern("(?m)^" + name + "[ {]"));
    }

    /** Metrics with such names that the dashboard or an alert asks for. */
    private static Set<String> watched(String prefix) throws IOException {
        Path root = Path.of(System.getProperty("kogata.root"));
        String asked = Files.readString(root.resolve("monitoring/grafana-dashboard.json")) + Files.readString(root.resolve("k8s/components/monitoring/alerts.yaml"));
        return Pattern.compile(prefix + "[a-z_]+").matcher(asked).results().map(MatchResult::group).collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void answersNothingElse() throws Exception {
        assertThat(get("/").statusCode()).isEqualTo(404);
        assertThat(get("/health/live/more").statusCode()).isEqualTo(404);
        HttpRequest post = HttpRequest.newBuilder(uri("/health/live")).POST(HttpRequest.BodyPublishers.noBody()).build();
        assertThat(CLIENT.send(post, BodyHandlers.ofString()).statusCode()).isEqualTo(405);
    }

    @Test
    void callersThatNeverFinishTheirRequestDoNotKeepAProbeFromItsAnswer() throws Exception {
        List<Socket> slow = new ArrayList<>();
        try {
            for (int i = 0; i < 8; i++) {
                Socket socket = new Socket("127.0.0.1", http.port());
                slow.add(socket);
                socket.getOutputStream().write("GET /health/li".getBytes(StandardCharsets.US_ASCII));
                socket.getOutputStream().flush();
            }
            assertThat(get("/health/live").statusCode()).isEqualTo(200);
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }

    @Test
    void aPortThatIsTakenIsSaidInOneSentence() {
        assertThatThrownBy(() -> new WorkerHttp("127.0.0.1", http.port(), health, () -> ""))
                .isInstanceOf(KogataException.class).hasMessageContaining("kogata.worker.http.port").hasMessageContaining(String.valueOf(http.port()));
    }

    private void worker(TaskHandler handler) {
        ManagedChannel channel = api.channel();
        WorkerLoop loop = new WorkerLoop(channel, Map.of("profile", handler), error -> Optional.empty(), new FolderArtifactStore(folder.resolve("store"), true), config.worker(), new Folders(config.worker().folder()));
        open.add(() -> {
            loop.close();
            channel.shutdownNow();
        });
        health.begun(loop, () -> channel.getState(false) == ConnectivityState.READY);
        WorkerMetrics.show(loop, metrics);
    }

    private String start() {
        return api.board("profile").start("good", "jobs/1", StringValue.of("good")).getName();
    }

    private double count(String outcome) throws Exception {
        return get("/metrics").body().lines().filter(line -> line.startsWith("kogata_worker_task_seconds_count{outcome=\"" + outcome + "\",type=\"profile\""))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1))).findFirst().orElse(0);
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + http.port() + path);
    }

    private HttpResponse<String> get(String path) throws Exception {
        return CLIENT.send(HttpRequest.newBuilder(uri(path)).build(), BodyHandlers.ofString());
    }
}
