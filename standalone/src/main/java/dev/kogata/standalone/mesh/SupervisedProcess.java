package dev.kogata.standalone.mesh;

import dev.kogata.standalone.PlainWords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One process, started again whenever it ends, until it is stopped. A process that keeps ending is started ever more
 * slowly; one that ends three times before it was ever ready is given up.
 *
 * <p>Its output goes straight to a file, not through this process: nothing is lost or blocked when the supervisor dies.
 * Thread-safe.
 */
final class SupervisedProcess {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
    private static final Duration LIVED_WELL = Duration.ofSeconds(30);
    private static final int STARTS_BEFORE_GIVING_UP = 3;
    private static final long LONGEST_LOG = 16L << 20;

    private final ProcessSpec spec;
    private final Path log;
    private final Consumer<String> notices;
    private final Thread supervision;

    private Process process;
    private long logStart;
    private int starts;
    private boolean wasReady;
    private boolean stopping;
    private String failure;
    private List<ProcessHandle> startedByIt = List.of();

    SupervisedProcess(ProcessSpec spec, Path logs, Consumer<String> notices) {
        this.spec = spec;
        this.log = logs.resolve(spec.name() + ".log");
        this.notices = notices;
        this.supervision = new Thread(this::supervise, "supervise-" + spec.name());
        supervision.setDaemon(true);
    }

    ProcessSpec spec() {
        return spec;
    }

    Path log() {
        return log;
    }

    void start() {
        supervision.start();
    }

    /** Whether the process that runs now is ready; remembers that it once was. */
    boolean isReady() {
        long from;
        synchronized (this) {
            if (process == null || !process.isAlive()) {
                return false;
            }
            from = logStart;
        }
        if (!spec.readiness().reached(log, from)) {
            return false;
        }
        synchronized (this) {
            wasReady = true;
            return true;
        }
    }

    /** Why it was given up, or null. */
    synchronized String failure() {
        return failure;
    }

    /** Its process id, or -1 while none runs. */
    synchronized long pid() {
        return process != null && process.isAlive() ? process.pid() : -1;
    }

    /** Asks it to end, and sees to it that it is not started again. Returns at once. */
    synchronized void askToStop() {
        stopping = true;
        notifyAll();
        if (process != null) {
            // Asked before it ends: afterwards, nobody knows whose they were.
            startedByIt = process.descendants().toList();
            process.destroy();
        }
    }

    /** Waits for its end, and kills it with everything it started when the grace is over. */
    void awaitStopped(Duration grace) {
        Process last;
        List<ProcessHandle> others;
        synchronized (this) {
            last = process;
            others = startedByIt;
        }
        if (last == null) {
            return;
        }
        try {
            if (!last.waitFor(grace.toMillis(), TimeUnit.MILLISECONDS)) {
                last.destroyForcibly().waitFor();
            }
        } catch (InterruptedException interrupted) {
            last.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        others.forEach(ProcessHandle::destroyForcibly);
    }

    private void supervise() {
        Duration pause = FIRST_PAUSE;
        try {
            while (launch()) {
                long started = System.nanoTime();
                int exit = process.waitFor();
                if (Duration.ofNanos(System.nanoTime() - started).compareTo(LIVED_WELL) > 0) {
                    pause = FIRST_PAUSE;
                }
                if (!pauseAfter(exit, pause)) {
                    return;
                }
                pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    /** Starts the process; false where it must not be started any more, or cannot be. */
    private synchronized boolean launch() {
        if (stopping) {
            return false;
        }
        try {
            shortenLog();
            logStart = Files.exists(log) ? Files.size(log) : 0;
            starts++;
            ProcessBuilder builder = new ProcessBuilder(spec.command())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
            // ONNX Runtime would report its use to its makers.
            builder.environment().put("ORT_DISABLE_TELEMETRY", "1");
            builder.environment().putAll(spec.environment());
            process = builder.start();
            return true;
        } catch (IOException impossible) {
            failure = spec.name() + " cannot be started: " + PlainWords.of(impossible);
            return false;
        }
    }

    /** Waits before the next start; false where there shall be none. */
    private synchronized boolean pauseAfter(int exit, Duration pause) throws InterruptedException {
        if (stopping) {
            return false;
        }
        if (!wasReady && starts >= STARTS_BEFORE_GIVING_UP) {
            failure = spec.name() + " ended " + starts + " times before it was ready, last with status " + exit
                    + "; its log is " + log;
            return false;
        }
        notices.accept(spec.name() + " ended with status " + exit + "; it is started again in " + pause.toMillis() + " ms");
        long until = System.nanoTime() + pause.toNanos();
        for (long left = pause.toNanos(); left > 0 && !stopping; left = until - System.nanoTime()) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return !stopping;
    }

    private void shortenLog() throws IOException {
        if (Files.exists(log) && Files.size(log) > LONGEST_LOG) {
            Files.move(log, log.resolveSibling(spec.name() + ".1.log"), StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
