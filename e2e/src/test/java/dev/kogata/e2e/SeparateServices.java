package dev.kogata.e2e;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The mesh as a cluster has it: every service's API an application of its own with a database of its own, every worker a process of its
 * own, a broker, one folder of artifacts. On free ports of this machine, until closed.
 */
final class SeparateServices implements AutoCloseable {
    private static final List<String> WORKER_SERVICES = List.of("profiler", "pruner", "quantizer", "evaluator");

    private final Path home;
    private final Map<String, Integer> http = new LinkedHashMap<>();
    private final Map<String, Integer> grpc = new LinkedHashMap<>();
    private final List<Process> processes = new ArrayList<>();
    private final int kafka;

    private SeparateServices(Path home) throws IOException {
        this.home = Files.createDirectories(home);
        for (String service : List.of("profiler", "pruner", "quantizer", "evaluator", "orchestrator", "gateway")) {
            http.put(service, freePort());
            grpc.put(service, freePort());
        }
        this.kafka = freePort();
    }

    /** Starts everything and returns when the gateway and all APIs are ready. */
    static SeparateServices start(Path home) throws Exception {
        SeparateServices mesh = new SeparateServices(home);
        try {
            mesh.process("broker", List.of("-Xmx192m", "-cp", Kogata.ROOT.resolve("broker/target/lib") + "/*", "dev.kogata.broker.BrokerMain",
                    "--data", home.resolve("broker").toString(), "--port", String.valueOf(mesh.kafka)));
            for (String service : mesh.http.keySet()) {
                mesh.api(service);
            }
            for (String service : mesh.http.keySet()) {
                mesh.awaitReady(service);
            }
            // Only now: eleven JVMs starting at once take minutes on two cores.
            for (String service : WORKER_SERVICES) {
                mesh.worker(service);
            }
            return mesh;
        } catch (Exception | AssertionError e) {
            mesh.close();
            throw e;
        }
    }

    /** Address of the gateway. */
    String server() {
        return "http://127.0.0.1:" + http.get("gateway");
    }

    private static Path application(String service) {
        return Kogata.ROOT.resolve((service.equals("gateway") ? "gateway" : service + "-service") + "/target/quarkus-app");
    }

    private void api(String service) throws IOException {
        List<String> command = new ArrayList<>(List.of("-Xmx192m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        settings(service).forEach((name, value) -> command.add("-D" + name + "=" + value));
        command.addAll(List.of("-jar", application(service).resolve("quarkus-run.jar").toString()));
        process(service, command);
    }

    private void worker(String service) throws IOException {
        List<String> command = new ArrayList<>(List.of("-Xmx512m", "-XX:+UseSerialGC"));
        settings(service).forEach((name, value) -> command.add("-D" + name + "=" + value));
        String main = "dev.kogata." + service + "." + Character.toUpperCase(service.charAt(0)) + service.substring(1) + "WorkerMain";
        Path application = application(service);
        command.addAll(List.of("-cp", application + "/app/*:" + application + "/lib/main/*:" + application + "/lib/boot/*", main));
        process(service + "-worker", command);
    }

    private Map<String, String> settings(String service) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("kogata.home", home.resolve(service).toString());
        settings.put("kogata.artifacts.url", home.resolve("artifacts").toUri().toString());
        settings.put("kogata.kafka.bootstrap-servers", "127.0.0.1:" + kafka);
        grpc.forEach((peer, port) -> settings.put("kogata." + peer + ".address", "127.0.0.1:" + port));
        settings.put("quarkus.http.port", http.get(service).toString());
        settings.put("quarkus.grpc.server.port", grpc.get(service).toString());
        return settings;
    }

    private void process(String name, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(home.resolve(name + ".log").toFile());
        builder.environment().put("ORT_DISABLE_TELEMETRY", "1");
        processes.add(builder.start());
    }

    private void awaitReady(String service) throws Exception {
        HttpClient client = HttpClient.newHttpClient();
        HttpRequest health = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + http.get(service) + "/health/ready")).build();
        Until.holds(service + " is ready (its log: " + home.resolve(service + ".log") + ")", () -> {
            try {
                return client.send(health, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
            } catch (IOException notListeningYet) {
                return false;
            }
        });
    }

    @Override
    public void close() throws InterruptedException {
        processes.forEach(Process::destroy);
        for (Process process : processes) {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
