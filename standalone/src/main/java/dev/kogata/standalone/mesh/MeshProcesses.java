package dev.kogata.standalone.mesh;

import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Command lines of the three processes of a mesh. */
final class MeshProcesses {
    /**
     * An interrupt from the terminal reaches the whole foreground group at once. These processes ignore it, because the
     * supervisor decides in which order they stop; the JVM leaves a signal alone that was ignored when it started.
     */
    static final List<String> UNINTERRUPTED = List.of("/bin/sh", "-c", "trap '' INT; exec \"$@\"", "sh");

    /** A heap that grows when it is needed and is given back when it is not. */
    private static final List<String> SHRINKING = List.of("-Xms64m", "-Xmx384m", "-XX:+UseSerialGC", "-XX:MinHeapFreeRatio=20", "-XX:MaxHeapFreeRatio=40",
            "-XX:-ShrinkHeapInSteps");
    /** The C library keeps what is freed, by default in as many arenas as threads ask for; buffers of two hundred uploads stayed resident. */
    private static final Map<String, String> TRIMMED = Map.of("MALLOC_ARENA_MAX", "2", "MALLOC_TRIM_THRESHOLD_", "131072", "MALLOC_MMAP_THRESHOLD_", "131072");

    private final Installation installation;
    private final Path home;
    private final Ports ports;
    private final Map<String, String> secret;

    MeshProcesses(Installation installation, Path home, Ports ports) {
        this.installation = installation;
        this.home = home;
        this.ports = ports;
        this.secret = secret(System.getenv());
    }

    /**
     * Where the gateway asks callers who they are, the services behind it, which believe what it says of them, answer only those who
     * know a secret of this start.
     */
    static Map<String, String> secret(Map<String, String> environment) {
        boolean asked = environment.keySet().stream().anyMatch(name -> name.startsWith("KOGATA_GATEWAY_IDENTITY_"));
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        return asked ? Map.of("KOGATA_GRPC_TOKEN", HexFormat.of().formatHex(random)) : Map.of();
    }

    List<ProcessSpec> specs() {
        return List.of(broker(), control(), worker());
    }

    private ProcessSpec broker() {
        List<String> command = java("broker", "-Xmx192m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
        command.addAll(List.of("-cp", installation.broker() + "/*:" + ownClasses(), ChildMain.class.getName(),
                "dev.kogata.broker.BrokerMain", "--data", home.resolve("broker").toString(), "--port", Integer.toString(ports.kafka())));
        return new ProcessSpec("broker", command, Readiness.line("ready"), true);
    }

    /** All APIs, orchestrator and gateway, as one Quarkus application. */
    private ProcessSpec control() {
        List<String> command = java("control", SHRINKING.toArray(String[]::new));
        settings().forEach((name, value) -> command.add("-D" + name + "=" + value));
        command.addAll(List.of(
                "-Dquarkus.http.host=127.0.0.1",
                "-Dquarkus.http.port=" + ports.http(),
                "-Dquarkus.grpc.server.host=127.0.0.1",
                "-Dquarkus.grpc.server.port=" + ports.grpc(),
                "-cp", installation.application().resolve("quarkus-run.jar") + ":" + ownClasses(),
                ChildMain.class.getName(), "io.quarkus.bootstrap.runner.QuarkusEntryPoint"));
        Map<String, String> environment = new HashMap<>(TRIMMED);
        environment.putAll(secret);
        return new ProcessSpec("control", command,
                Readiness.http(URI.create("http://127.0.0.1:" + ports.http() + "/health/ready")), true, environment);
    }

    private ProcessSpec worker() {
        List<String> command = java("worker", "-Xmx" + workerHeapMegabytes() + "m", "-XX:+UseSerialGC");
        settings().forEach((name, value) -> command.add("-D" + name + "=" + value));
        Path application = installation.application();
        command.addAll(List.of(
                "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
                "-cp", application + "/app/*:" + application + "/lib/main/*:" + application + "/lib/boot/*",
                ChildMain.class.getName(), "dev.kogata.standalone.WorkerMain"));
        return new ProcessSpec("worker", command, Readiness.line("ready"), false, secret);
    }

    private Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("kogata.home", home.toString());
        settings.put("kogata.database.url", "jdbc:h2:file:" + home.resolve("database/kogata") + ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE");
        settings.put("kogata.artifacts.url", home.resolve("artifacts").toUri().toString());
        settings.put("kogata.kafka.bootstrap-servers", "127.0.0.1:" + ports.kafka());
        for (String service : List.of("profiler", "pruner", "quantizer", "evaluator", "orchestrator")) {
            settings.put("kogata." + service + ".address", "127.0.0.1:" + ports.grpc());
        }
        return settings;
    }

    private List<String> java(String name, String... options) {
        List<String> command = new ArrayList<>(UNINTERRUPTED);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(options));
        command.addAll(List.of(
                // Better a fresh process, which resumes from stored state, than one that limps on.
                "-XX:+ExitOnOutOfMemoryError",
                "-XX:-UsePerfData",
                "-XX:ErrorFile=" + home.resolve("logs/" + name + "-crash-%p.log"),
                "-Dfile.encoding=UTF-8",
                "-Djava.io.tmpdir=" + home.resolve("tmp"),
                // Where OpenBLAS, the tokenizers and JNA unpack their machine code: else in the user's own folders.
                "-Dorg.bytedeco.javacpp.cachedir=" + home.resolve("native"),
                "-DENGINE_CACHE_DIR=" + home.resolve("native"),
                "-Djna.tmpdir=" + home.resolve("tmp"),
                "-D" + ChildMain.LOCK + "=" + home.resolve("run/" + name + ".lock")));
        return command;
    }

    /** The jar with {@link ChildMain}. */
    private String ownClasses() {
        return installation.application() + "/app/*";
    }

    /** A quarter of the machine, as the JVM itself would take, but never so little that a small model fails. */
    private static long workerHeapMegabytes() {
        var system = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return Math.max(512, system.getTotalMemorySize() / 4 >> 20);
    }
}
