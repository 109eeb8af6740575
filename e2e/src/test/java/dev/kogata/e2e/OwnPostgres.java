package dev.kogata.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A PostgreSQL of a test's own, from Debian's package: on a free port, in a folder of its own, ended and started as the test says. */
final class OwnPostgres implements AutoCloseable {
    private static final Path PACKAGES = Path.of("/usr/lib/postgresql");

    private final Path binaries;
    private final Path folder;
    private final int port;

    private OwnPostgres(Path binaries, Path folder, int port) {
        this.binaries = binaries;
        this.folder = folder;
        this.port = port;
    }

    /** A running one with an empty database; empty where the package is not installed. */
    static Optional<OwnPostgres> start() throws Exception {
        if (!Files.isDirectory(PACKAGES)) {
            return Optional.empty();
        }
        Path binaries;
        try (Stream<Path> versions = Files.list(PACKAGES)) {
            binaries = versions.map(version -> version.resolve("bin")).filter(bin -> Files.exists(bin.resolve("initdb"))).max(Path::compareTo).orElse(null);
        }
        if (binaries == null) {
            return Optional.empty();
        }
        Path folder = Files.createTempDirectory("kogata-postgres");
        OwnPostgres postgres = new OwnPostgres(binaries, folder, FreePort.find());
        if (isRoot()) {
            run(List.of("chown", "postgres", folder.toString()));
        }
        postgres.command("initdb", "-D", folder.resolve("data").toString(), "-A", "trust", "-U", "kogata", "--no-sync");
        postgres.up();
        postgres.command("createdb", "-h", "127.0.0.1", "-p", Integer.toString(postgres.port), "-U", "kogata", "kogata");
        return Optional.of(postgres);
    }

    int port() {
        return port;
    }

    /** Where it is, for JDBC, over a port that leads there. */
    String url(int port) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/kogata?user=kogata";
    }

    /** Starts it again; what was committed is there. */
    void up() throws Exception {
        command("pg_ctl", "-D", folder.resolve("data").toString(), "-w", "-l", folder.resolve("log").toString(), "-o",
                "-p " + port + " -k " + folder + " -c listen_addresses=127.0.0.1 -c max_connections=200", "start");
    }

    /** Ends it as a power failure would. */
    void down() throws Exception {
        command("pg_ctl", "-D", folder.resolve("data").toString(), "-m", "immediate", "stop");
    }

    /** The one value that a query gives. */
    String ask(String query) throws Exception {
        return command("psql", "-h", "127.0.0.1", "-p", Integer.toString(port), "-U", "kogata", "-d", "kogata", "-Atc", query).strip();
    }

    /** Backs the database up, as docs/operations.md says, while it is at work. */
    void dump(Path file) throws Exception {
        command("pg_dump", "-h", "127.0.0.1", "-p", Integer.toString(port), "-U", "kogata", "-Fc", "-f", file.toString(), "kogata");
    }

    /** Puts a dump in the place of the database, that nobody uses. */
    void restore(Path file) throws Exception {
        String number = Integer.toString(port);
        command("dropdb", "-h", "127.0.0.1", "-p", number, "-U", "kogata", "--force", "kogata");
        command("createdb", "-h", "127.0.0.1", "-p", number, "-U", "kogata", "kogata");
        command("pg_restore", "-h", "127.0.0.1", "-p", number, "-U", "kogata", "--exit-on-error", "-d", "kogata", file.toString());
    }

    @Override
    public void close() throws Exception {
        down();
        run(List.of("rm", "-rf", folder.toString()));
    }

    private String command(String program, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(isRoot() ? List.of("runuser", "-u", "postgres", "--") : List.of());
        command.add(binaries.resolve(program).toString());
        command.addAll(List.of(arguments));
        return run(command);
    }

    private static boolean isRoot() {
        return System.getProperty("user.name").equals("root");
    }

    private static String run(List<String> command) throws IOException, InterruptedException {
        // To a file: the server that pg_ctl leaves running would hold a pipe open.
        Path out = Files.createTempFile("kogata-command", ".out");
        Process process = new ProcessBuilder(command).directory(Path.of("/tmp").toFile()).redirectErrorStream(true).redirectOutput(out.toFile()).start();
        int exit = process.waitFor();
        String said = Files.readString(out, StandardCharsets.UTF_8);
        Files.delete(out);
        if (exit != 0) {
            throw new AssertionError(command + " ended with " + exit + ": " + said);
        }
        return said;
    }
}
