package dev.kogata.standalone.mesh;

import dev.kogata.standalone.PlainWords;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A running mesh: broker, control and worker on the loopback address, with all state in one home folder. A mesh started
 * on a home that was left in any state goes on where it was. Closing it stops every process. Thread-safe.
 */
public final class Mesh implements AutoCloseable {
    private static final Duration GRACE = Duration.ofSeconds(8);
    private static final Duration ORPHANS_LEAVE = Duration.ofSeconds(15);

    private final Path home;
    private final Ports ports;
    private final HomeLock lock;
    private final Supervisor supervisor;
    private boolean closed;

    private Mesh(Path home, Ports ports, HomeLock lock, Supervisor supervisor) {
        this.home = home;
        this.ports = ports;
        this.lock = lock;
        this.supervisor = supervisor;
    }

    /** Home folder unless told otherwise: {@code KOGATA_HOME}, else {@code ~/.kogata}. */
    public static Path defaultHome() {
        String home = System.getenv("KOGATA_HOME");
        return home == null || home.isBlank() ? Path.of(System.getProperty("user.home"), ".kogata") : Path.of(home);
    }

    /**
     * Starts the processes and returns at once; {@link #awaitReady} says when they can be used.
     *
     * @param notices told, in one sentence each, what happened to the processes
     * @throws MeshFailure when the home or a port is taken; nothing has been started then
     */
    public static Mesh start(Installation installation, Path home, Ports ports, Consumer<String> notices) {
        Path folder = home.toAbsolutePath().normalize();
        HomeLock lock = HomeLock.take(folder);
        try {
            Path logs = Files.createDirectories(folder.resolve("logs"));
            Path locks = Files.createDirectories(folder.resolve("run"));
            List<ProcessSpec> specs = new MeshProcesses(installation, folder, ports).specs();
            awaitOrphans(locks, specs);
            ports.requireFree();
            TemporaryFiles.empty(Files.createDirectories(folder.resolve("tmp")));
            Consumer<String> record = line -> write(logs.resolve("supervisor.log"), line);
            var supervisor = new Supervisor(specs, GRACE, logs, notices.andThen(record));
            record.accept("starting on " + ports);
            supervisor.start();
            return new Mesh(folder, ports, lock, supervisor);
        } catch (IOException unusable) {
            lock.close();
            throw MeshFailure.refused("ARGUMENT_INVALID", "The home folder " + folder + " cannot be used ("
                    + PlainWords.of(unusable) + "): choose another one with --home.");
        } catch (RuntimeException refused) {
            lock.close();
            throw refused;
        }
    }

    /** Address of the mesh that runs on the home now, if one does. */
    public static Optional<URI> running(Path home) {
        Path address = home.toAbsolutePath().normalize().resolve("address");
        try (HomeLock free = HomeLock.take(home.toAbsolutePath().normalize())) {
            Files.deleteIfExists(address);
            return Optional.empty();
        } catch (MeshFailure held) {
            return read(address);
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }

    /** Waits until every process does its work. */
    public void awaitReady(Duration limit) throws InterruptedException {
        supervisor.awaitReady(limit);
        try {
            Files.writeString(home.resolve("address"), http().toString());
        } catch (IOException full) {
            throw MeshFailure.failed("The home folder " + home + " cannot be written: " + PlainWords.of(full) + ".");
        }
    }

    /** Where REST is answered. */
    public URI http() {
        return URI.create("http://127.0.0.1:" + ports.http());
    }

    /** The ports in use. */
    public Ports ports() {
        return ports;
    }

    /** The home folder. */
    public Path home() {
        return home;
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        supervisor.close();
        try {
            Files.deleteIfExists(home.resolve("address"));
        } catch (IOException kept) {
            // Whoever reads it sees by the lock that nothing runs.
        }
        write(home.resolve("logs/supervisor.log"), "stopped");
        lock.close();
    }

    /** Processes of a mesh whose supervisor was killed leave by themselves; their ports are taken until then. */
    private static void awaitOrphans(Path locks, List<ProcessSpec> specs) throws IOException {
        long deadline = System.nanoTime() + ORPHANS_LEAVE.toNanos();
        for (ProcessSpec spec : specs) {
            while (!isFree(locks.resolve(spec.name() + ".lock"))) {
                if (System.nanoTime() > deadline) {
                    throw MeshFailure.failed("A process of an earlier run (" + spec.name() + ") has not ended yet: try again.");
                }
                try {
                    Thread.sleep(50);
                } catch (InterruptedException interrupted) {
                    Thread.currentThread().interrupt();
                    throw MeshFailure.failed("Interrupted.");
                }
            }
        }
    }

    private static boolean isFree(Path file) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var held = channel.tryLock()) {
            return held != null;
        }
    }

    private static Optional<URI> read(Path address) {
        try {
            return Optional.of(URI.create(Files.readString(address).strip()));
        } catch (IOException | IllegalArgumentException notReadyYet) {
            return Optional.empty();
        }
    }

    private static void write(Path file, String line) {
        try {
            Files.writeString(file, Instant.now().truncatedTo(ChronoUnit.MILLIS) + " " + line + System.lineSeparator(),
                    StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException full) {
            System.err.println(line);
        }
    }
}
