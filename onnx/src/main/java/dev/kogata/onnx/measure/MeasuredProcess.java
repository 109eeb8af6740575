package dev.kogata.onnx.measure;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kogata.onnx.score.Sessions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Starts {@link MeasureMain} in a process of its own, with this process's Java and classes. */
public final class MeasuredProcess {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long POLL_MILLIS = 200;

    private MeasuredProcess() {}

    /** Asked several times a second; what it throws ends the process, and comes out. */
    @FunctionalInterface
    public interface StopCheck {
        void check();
    }

    /**
     * Measures and waits for the answer.
     *
     * @param folder for what the process writes and unpacks, writable; what is left in it is the caller's
     * @param limit longest it may take
     * @throws IOException where the process fails, crashes or takes too long
     */
    public static Measurement run(MeasureRequest request, Path folder, Duration limit, StopCheck stop) throws IOException, InterruptedException {
        Path out = Files.createTempFile(folder, "measure", ".json"), errors = Files.createTempFile(folder, "measure", ".err");
        ProcessBuilder builder = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:MaxRAMPercentage=40", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                        "-Djava.io.tmpdir=" + folder, "-D" + MeasureMain.PROVIDER + "=" + Sessions.provider(), MeasureMain.class.getName()))
                .redirectOutput(out.toFile())
                .redirectError(errors.toFile());
        // Nothing long on the command line, and no telemetry: see Sessions.
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        builder.environment().put("ORT_DISABLE_TELEMETRY", "1");
        Process process = builder.start();
        try {
            // Its standard input stays open as long as this process lives: the other one ends with it.
            process.getOutputStream().write((JSON.writeValueAsString(request) + "\n").getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
            long end = System.nanoTime() + limit.toNanos();
            while (!process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                stop.check();
                if (System.nanoTime() - end > 0) {
                    throw new IOException("measuring took longer than " + limit);
                }
            }
            if (process.exitValue() != 0) {
                throw new IOException("the measuring process ended with %d: %s".formatted(process.exitValue(), Files.readString(errors)));
            }
            List<String> lines = Files.readAllLines(out, StandardCharsets.UTF_8);
            return JSON.readValue(lines.get(lines.size() - 1), Measurement.class);
        } finally {
            process.destroyForcibly();
            Files.deleteIfExists(out);
            Files.deleteIfExists(errors);
        }
    }
}
