package dev.kogata.e2e;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The mesh as a cluster has it: every service's API an application of its own with a database of its own, every worker a process of its
 * own, a broker, one folder of artifacts. On free ports of this machine, until closed. Processes are known by name, {@code broker},
 * {@code SERVICE}, {@code SERVICE-worker}, and can be killed, paused and started again.
 */
final class SeparateServices implements AutoCloseable {
    static final List<String> WORKER_SERVICES = List.of("profiler", "pruner", "quantizer", "evaluator");
    static final List<String> APIS = List.of("profiler", "pruner", "quantizer", "evaluator", "orchestrator", "gateway");
    static final String BROKER = "broker";
    static final String DATABASE = "database";
    /** A second orchestrator on the same tables, where there is a PostgreSQL to have them; nobody calls it. */
    static final String TWIN = "orchestrator-2";

    private final Path home;
    private final Optional<OwnPostgres> postgres;
    private final Optional<SmallDisk> disk;
    private final Map<String, String> more;
    private final Map<String, Integer> http = new LinkedHashMap<>();
    private final Map<String, Integer> grpc = new LinkedHashMap<>();
    private final Map<String, Link> links = new LinkedHashMap<>();
    private final Map<String, Process> processes = new ConcurrentHashMap<>();
    private final int kafka;

    private SeparateServices(Path home, Optional<OwnPostgres> postgres, boolean smallDisk, Map<String, String> more) throws Exception {
        this.home = Files.createDirectories(home);
        this.postgres = postgres;
        this.disk = smallDisk ? SmallDisk.mount(data()) : Optional.empty();
        this.more = more;
        for (String service : apis()) {
            http.put(service, FreePort.find());
            grpc.put(service, FreePort.find());
        }
        this.kafka = FreePort.find();
        for (String service : APIS) {
            links.put(service, new Link(grpc.get(service)));
        }
        if (postgres.isPresent()) {
            links.put(DATABASE, new Link(postgres.get().port()));
        }
    }

    /** Starts everything, every service with an H2 of its own, and returns when the gateway and all APIs are ready. */
    static SeparateServices start(Path home) throws Exception {
        return start(home, Optional.empty(), false, Map.of());
    }

    /** The same on one PostgreSQL, where there is one, on a small disk, where one may be mounted, and with more settings for all. */
    static SeparateServices start(Path home, Optional<OwnPostgres> postgres, boolean smallDisk, Map<String, String> more) throws Exception {
        SeparateServices mesh = new SeparateServices(home, postgres, smallDisk, more);
        return mesh.started(mesh.apis(), WORKER_SERVICES);
    }

    /** Only what accepts jobs and hands tasks out: nobody does them. */
    static SeparateServices control(Path home, Optional<OwnPostgres> postgres, Map<String, String> more) throws Exception {
        return new SeparateServices(home, postgres, false, more).started(List.of("profiler", "orchestrator", "gateway"), List.of());
    }

    /** Starts every API and worker, after all have ended; the broker runs. */
    void startAgain() throws Exception {
        started(apis(), WORKER_SERVICES);
    }

    private SeparateServices started(List<String> services, List<String> workers) throws Exception {
        try {
            if (!processes.containsKey(BROKER)) {
                launch(BROKER);
            }
            for (String service : services) {
                launch(service);
            }
            for (String service : services) {
                awaitReady(service);
            }
            // Only now: eleven JVMs starting at once take minutes on two cores.
            for (String service : workers) {
                launch(service + "-worker");
            }
            return this;
        } catch (Exception | AssertionError e) {
            close();
            throw e;
        }
    }

    /** Address of the gateway. */
    String server() {
        return "http://127.0.0.1:" + http.get("gateway");
    }

    /** Everything of this mesh lies below it. */
    Path home() {
        return home;
    }

    /** What the services write to, logs, broker and databases apart: the artifact store and every service's own files. */
    Path data() {
        return home.resolve("data");
    }

    /** The artifact store. */
    Path artifacts() {
        return data().resolve("artifacts");
    }

    /** Address of the broker. */
    String kafka() {
        return "127.0.0.1:" + kafka;
    }

    /** Address of a service's gRPC. */
    String grpc(String service) {
        return "127.0.0.1:" + grpc.get(service);
    }

    /** Names of the services' APIs. */
    List<String> apis() {
        return postgres.isPresent() ? Stream.concat(APIS.stream(), Stream.of(TWIN)).toList() : APIS;
    }

    Optional<OwnPostgres> postgres() {
        return postgres;
    }

    /** Where {@link #data} is, if it has a file system of its own. */
    Optional<SmallDisk> disk() {
        return disk;
    }

    /** Names of all processes. */
    List<String> names() {
        return Stream.concat(Stream.concat(Stream.of(BROKER), apis().stream()), WORKER_SERVICES.stream().map(service -> service + "-worker")).toList();
    }

    /** The way that all others take to a service's gRPC, or to {@link #DATABASE}. */
    Link link(String name) {
        return links.get(name);
    }

    /** What a process prints. */
    Path log(String name) {
        return home.resolve(name + ".log");
    }

    Process process(String name) {
        return processes.get(name);
    }

    /** Ends a process as a power failure ends it, and waits until it is gone. */
    void kill(String name) throws InterruptedException {
        processes.get(name).destroyForcibly().waitFor();
    }

    /** Sends a signal, such as {@code STOP}. */
    void signal(String name, String signal) throws Exception {
        if (new ProcessBuilder("kill", "-" + signal, Long.toString(processes.get(name).pid())).start().waitFor() != 0 && processes.get(name).isAlive()) {
            throw new AssertionError("no signal reached " + name);
        }
    }

    /** Has a running process end at a point inside it, as {@code NAME} or {@code NAME@N}; none with an empty one. */
    void arm(String name, String point) throws IOException {
        Path written = Files.writeString(home.resolve(name + ".point"), point);
        if (point.isEmpty()) {
            Files.deleteIfExists(fault(name));
        } else {
            Files.move(written, fault(name), StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /** Where a process that was started for it hears which of its writes are to fail. */
    Path control(String name) {
        return home.resolve(name + ".control");
    }

    private Path fault(String name) {
        return home.resolve(name + ".fault");
    }

    /** Starts a process that has ended. */
    void launch(String name) throws IOException {
        launch(name, Map.of());
    }

    /** The same with environment variables of its own. */
    void launch(String name, Map<String, String> environment) throws IOException {
        if (name.equals(BROKER)) {
            process(name, environment, List.of("-Xmx192m", "-cp", Kogata.ROOT.resolve("broker/target/lib") + "/*", "dev.kogata.broker.BrokerMain",
                    "--data", home.resolve(BROKER).toString(), "--port", String.valueOf(kafka)));
        } else if (name.endsWith("-worker")) {
            worker(name.substring(0, name.length() - "-worker".length()), environment);
        } else {
            api(name, environment);
        }
    }

    /** Kills every service's API as a power failure would, and starts them again; returns when all are ready. */
    void restartApis() throws Exception {
        List<String> running = apis().stream().filter(processes::containsKey).toList();
        for (String service : running) {
            kill(service);
        }
        for (String service : running) {
            launch(service);
        }
        for (String service : running) {
            awaitReady(service);
        }
    }

    /** Removes everything that the broker, which does not run, has ever heard. */
    void emptyBroker() throws IOException {
        try (Stream<Path> files = Files.walk(home.resolve(BROKER))) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** Returns when a service's API answers that it is ready. */
    void awaitReady(String service) throws Exception {
        HttpClient client = HttpClient.newHttpClient();
        HttpRequest health = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + http.get(service) + "/health/ready")).build();
        Until.holds(service + " is ready (its log: " + log(service) + ")", () -> {
            try {
                return client.send(health, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
            } catch (IOException notListeningYet) {
                return false;
            }
        });
    }

    private static Path application(String name) {
        String service = name.equals(TWIN) ? "orchestrator" : name;
        return Kogata.ROOT.resolve((service.equals("gateway") ? "gateway" : service + "-service") + "/target/quarkus-app");
    }

    private void api(String service, Map<String, String> environment) throws IOException {
        List<String> command = new ArrayList<>(List.of("-Xmx192m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Dkogata.fault=" + fault(service)));
        settings(service).forEach((name, value) -> command.add("-D" + name + "=" + value));
        command.addAll(List.of("-jar", application(service).resolve("quarkus-run.jar").toString()));
        process(service, environment, command);
    }

    private void worker(String service, Map<String, String> environment) throws IOException {
        List<String> command = new ArrayList<>(List.of("-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Dkogata.fault=" + fault(service + "-worker")));
        settings(service).forEach((name, value) -> command.add("-D" + name + "=" + value));
        String main = "dev.kogata." + service + "." + Character.toUpperCase(service.charAt(0)) + service.substring(1) + "WorkerMain";
        Path application = application(service);
        command.addAll(List.of("-cp", application + "/app/*:" + application + "/lib/main/*:" + application + "/lib/boot/*", main));
        process(service + "-worker", environment, command);
    }

    private Map<String, String> settings(String service) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("kogata.home", data().resolve(service).toString());
        settings.put("kogata.database.url", "jdbc:h2:file:" + home.resolve("databases").resolve(service));
        settings.put("kogata.artifacts.url", artifacts().toUri().toString());
        settings.put("kogata.kafka.bootstrap-servers", "127.0.0.1:" + kafka);
        settings.putAll(more);
        postgres.ifPresent(database -> settings.put("kogata.database.url", database.url(links.get(DATABASE).port())));
        APIS.forEach(peer -> settings.put("kogata." + peer + ".address", "127.0.0.1:" + links.get(peer).port()));
        settings.put("quarkus.http.port", http.get(service).toString());
        settings.put("quarkus.grpc.server.port", grpc.get(service).toString());
        return settings;
    }

    private void process(String name, Map<String, String> environment, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log(name).toFile()));
        builder.environment().put("ORT_DISABLE_TELEMETRY", "1");
        builder.environment().putAll(environment);
        processes.put(name, builder.start());
    }

    @Override
    public void close() throws Exception {
        processes.values().forEach(Process::destroy);
        for (Process process : processes.values()) {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        }
        for (Link link : links.values()) {
            link.close();
        }
        if (disk.isPresent()) {
            disk.get().close();
        }
    }
}
