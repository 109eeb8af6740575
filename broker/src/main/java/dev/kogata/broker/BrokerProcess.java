package dev.kogata.broker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A broker in a child JVM with this JVM's class path, for tests: started, stopped, killed and started again on the same
 * folder and port. It ends with this JVM. Not thread-safe.
 */
public final class BrokerProcess implements AutoCloseable {
    private final Path data;
    private final int port;
    private final Thread atExit = new Thread(this::kill);
    private Process process;

    /** A broker in {@code data} on a free port; not started yet. */
    public BrokerProcess(Path data) {
        this(data, freePort());
    }

    /** A broker in {@code data} on {@code port}; not started yet. */
    public BrokerProcess(Path data, int port) {
        this.data = data;
        this.port = port;
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /** Where clients connect. */
    public String address() {
        return "127.0.0.1:" + port;
    }

    /** Starts the process and returns when it serves; fails with what it said when it does not within a minute. */
    public BrokerProcess start() {
        launch();
        long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        while (!output().contains("ready " + address())) {
            try {
                if (process.waitFor(50, TimeUnit.MILLISECONDS) || System.nanoTime() > end) {
                    kill();
                    throw new IllegalStateException("the broker did not start: " + output());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while the broker started", e);
            }
        }
        return this;
    }

    /** Starts the process and returns at once. */
    public Process launch() {
        try {
            Files.createDirectories(data);
            Files.deleteIfExists(log());
            process = new ProcessBuilder(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"),
                    BrokerMain.class.getName(), "--data", data.toString(), "--port", Integer.toString(port)))
                    .redirectErrorStream(true).redirectOutput(log().toFile()).start();
            return process;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What it has printed since it was started. */
    public String output() {
        try {
            return Files.exists(log()) ? Files.readString(log()) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** SIGTERM; returns its exit code. */
    public int stop() {
        process.destroy();
        return exit();
    }

    /** SIGKILL. */
    public void kill() {
        if (process != null) {
            process.destroyForcibly();
            exit();
        }
    }

    /** Kills it for good. */
    @Override
    public void close() {
        kill();
        Runtime.getRuntime().removeShutdownHook(atExit);
    }

    /** A port that nobody listens on now. */
    public static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private int exit() {
        try {
            return process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the broker ended", e);
        }
    }

    private Path log() {
        return data.resolve("output.log");
    }
}
