package dev.kogata.kit.worker;

import static dev.kogata.kit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.StringValue;
import dev.kogata.kit.TestConfig;
import dev.kogata.kit.task.TestTaskApi;
import dev.kogata.kit.tenant.Tenant;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.StringReader;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker as it is deployed: a process, told what it has to know by its environment. */
class WorkerProcessTest {
    private static final Duration JVM_START = Duration.ofMinutes(2);

    @TempDir
    Path folder;

    @Test
    void itsProbesAnswerAndItsLogsAreDocumentsWithTheJobAndTheTenant() throws Exception {
        Path log = folder.resolve("log");
        try (TestTaskApi api = new TestTaskApi(TestConfig.with(Map.of("kogata.task.check", "PT0.05S")), "profile")) {
            int port = freePort();
            ProcessBuilder builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx64m", "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"), EchoWorker.class.getName()).redirectOutput(log.toFile())
                    .redirectError(folder.resolve("errors").toFile());
            builder.environment().putAll(Map.of("KOGATA_HOME", folder.toString(), "KOGATA_PROFILER_ADDRESS", api.address(), "KOGATA_KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1",
                    "KOGATA_WORKER_HTTP_PORT", String.valueOf(port), "QUARKUS_LOG_CONSOLE_JSON_ENABLED", "true"));
            Process process = builder.start();
            try {
                for (String path : List.of("/health/live", "/health/started", "/health/ready", "/metrics")) {
                    eventually(JVM_START, () -> assertThat(status(port, path)).as(path).isEqualTo(200));
                }
                String task = Tenant.as("acme", () -> api.board("profile").start("one", "jobs/7", StringValue.of("hello"))).getName();
                eventually(JVM_START, () -> assertThat(api.operation(task).getDone()).isTrue());
                eventually(JVM_START, () -> assertThat(Files.readString(log)).contains("SUCCEEDED after"));
            } finally {
                process.destroy();
            }
            assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
            List<JsonObject> records = Files.readAllLines(log).stream().map(WorkerProcessTest::parsed).toList();
            JsonObject asked = records.stream().filter(it -> it.getString("message").equals("asked \"hello\"")).findFirst().orElseThrow();
            assertThat(asked.getJsonObject("mdc").getString("job")).isEqualTo("jobs/7");
            assertThat(asked.getJsonObject("mdc").getString("tenant")).isEqualTo("acme");
            assertThat(records).as("nothing is told that is no document").anyMatch(it -> it.getString("message").startsWith("ready"));
            assertThat(records).as("nothing below INFO").extracting(it -> it.getString("level")).isSubsetOf("INFO", "WARN", "ERROR", "FATAL");
            assertThat(folder.resolve("errors")).as("nothing is told by another log manager").content().doesNotContain("SUCCEEDED");
        }
    }

    private static JsonObject parsed(String line) {
        return Json.createReader(new StringReader(line)).readObject();
    }

    private static int status(int port, String path) throws Exception {
        return HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(), BodyHandlers.discarding()).statusCode();
    }

    private static int freePort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
