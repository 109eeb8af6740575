package dev.kogata.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The packaged command line, run as its users run it: one process per command. Thread-safe. */
final class Kogata {

    /** What one command did. */
    record Run(int exit, String out, String err) {

        @Override
        public String toString() {
            return "exit " + exit + "\nstdout: " + out + "\nstderr: " + err;
        }
    }

    /** The repository, where `standalone/target` has the packaged application. */
    static final Path ROOT = Path.of(System.getProperty("kogata.root")).toAbsolutePath();

    private Kogata() {}

    /** Runs one command to its end; a command that hangs is killed after five minutes and the test fails. */
    static Run run(Map<String, String> environment, String... arguments) {
        return run(command(List.of(arguments)), environment);
    }

    /** Runs any program in the same way. */
    static Run run(List<String> command, Map<String, String> environment) {
        try {
            Path out = Files.createTempFile("kogata-out", ".txt");
            Path err = Files.createTempFile("kogata-err", ".txt");
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile());
            builder.environment().putAll(environment);
            Process process = builder.start();
            process.getOutputStream().close();
            if (!process.waitFor(5, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new AssertionError("still running after 5 minutes: " + command + "\n" + Files.readString(err));
            }
            Run run = new Run(process.exitValue(), Files.readString(out), Files.readString(err));
            Files.delete(out);
            Files.delete(err);
            return run;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** The command line that `./kogata` ends in. */
    static List<String> command(List<String> arguments) {
        Path app = ROOT.resolve("standalone/target/quarkus-app");
        if (!Files.isDirectory(app)) {
            throw new AssertionError("package the project first: " + app + " is not there");
        }
        List<String> command = new ArrayList<>();
        Collections.addAll(command, Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");
        Collections.addAll(command, "-cp", app + "/lib/main/*:" + app + "/app/*", "-Dkogata.root=" + ROOT, "dev.kogata.standalone.Kogata");
        command.addAll(arguments);
        return command;
    }
}
