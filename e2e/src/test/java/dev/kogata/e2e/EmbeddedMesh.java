package dev.kogata.e2e;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** `kogata serve` on free ports and a home of its own, until closed. */
final class EmbeddedMesh implements AutoCloseable {

    private final Process process;
    private final String server;
    private final Path home;
    private final String kafka;

    private EmbeddedMesh(Process process, String server, Path home, String kafka) {
        this.process = process;
        this.server = server;
        this.home = home;
        this.kafka = kafka;
    }

    /** Starts the mesh on this home and returns when it has said that it is ready. */
    static EmbeddedMesh start(Path home) throws IOException {
        return start(home, Map.of());
    }

    /** The same with settings in the environment. */
    static EmbeddedMesh start(Path home, Map<String, String> environment) throws IOException {
        int http = FreePort.find();
        int kafka = FreePort.find();
        ProcessBuilder builder = new ProcessBuilder(Kogata.command(List.of(
                        "serve",
                        "--home", home.toString(),
                        "--http-port", String.valueOf(http),
                        "--grpc-port", String.valueOf(FreePort.find()),
                        "--kafka-port", String.valueOf(kafka))))
                .redirectError(Files.createDirectories(home).resolve("serve.err").toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        BufferedReader out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.contains("ready")) {
                return new EmbeddedMesh(process, "http://127.0.0.1:" + http, home, "127.0.0.1:" + kafka);
            }
        }
        throw new AssertionError("the mesh ended before it was ready: " + Files.readString(home.resolve("serve.err")));
    }

    /** Address of the gateway. */
    String server() {
        return server;
    }

    Path home() {
        return home;
    }

    /** Address of the broker. */
    String kafka() {
        return kafka;
    }

    /** The mesh's process of that role, `worker`, `control` or `broker`. */
    ProcessHandle child(String mainClassEnd) {
        return process.descendants()
                .filter(p -> p.info().arguments().map(a -> String.join(" ", a)).orElse("").contains(mainClassEnd))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no child process runs " + mainClassEnd));
    }

    /** Kills the whole mesh as a power failure would. */
    void kill() throws InterruptedException {
        List<ProcessHandle> all = process.descendants().toList();
        process.destroyForcibly().waitFor();
        all.forEach(ProcessHandle::destroyForcibly);
        all.forEach(p -> p.onExit().join());
    }

    @Override
    public void close() throws InterruptedException {
        List<ProcessHandle> children = process.descendants().toList();
        process.destroy();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("the mesh did not stop within 30 s of being asked");
        }
        for (ProcessHandle child : children) {
            if (child.isAlive()) {
                child.destroyForcibly();
                throw new AssertionError("the mesh left a process behind: " + child.info());
            }
        }
    }
}
