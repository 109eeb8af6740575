package dev.kogata.kit.worker;

import com.sun.management.OperatingSystemMXBean;
import dev.kogata.kit.artifact.Artifacts;
import dev.kogata.kit.config.ConfigReader;
import dev.kogata.kit.config.KogataConfig;
import dev.kogata.kit.error.KogataException;
import dev.kogata.kit.event.Bell;
import dev.kogata.kit.grpc.Channels;
import dev.kogata.kit.trace.Traces;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.micrometer.prometheus.PrometheusMeterRegistry;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * What the main of every worker does: reads the configuration, works for one API, hears its bells, hands unfinished tasks back
 * when the process is asked to stop. A process of its own, because the models it runs are untrusted and may crash it.
 */
public final class WorkerProcess {
    private static final long RETRY_MILLIS = 200;

    private WorkerProcess() {}

    /** Threads for one pass of a model: the machine's processors, as this process may use them. */
    public static int threads() {
        return Runtime.getRuntime().availableProcessors();
    }

    /** Bytes that a bank of repaired weights may take: as configured, or half of the machine's memory, as this process may use it. */
    public static long bankBytes() {
        return ConfigReader.read().worker().bankBytes().orElseGet(() ->
                ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getTotalMemorySize() / 2);
    }

    /** Name of what models are to run on, {@code CPU} or {@code CUDA}: as configured. */
    public static String provider() {
        return ConfigReader.read().worker().provider().name();
    }

    /**
     * Works until the process is ended, or until it has done as much as it is to do: then the process ends with the exit code of its
     * {@link WorkerEnd}. Prints {@code ready} when it can claim tasks; answers probes from the beginning, where
     * {@code kogata.worker.http.port} says so.
     *
     * @param api address of the API whose tasks these are
     * @param handlers by type of task; made once logs are set up. What they throw and {@code errors} knows ends the process: it cannot do them as it is configured
     * @param errors what a handler's exception means, where it is no {@code KogataException} itself
     */
    public static void run(Function<KogataConfig, String> api, Supplier<Map<String, TaskHandler>> handlers,
            Function<Throwable, Optional<KogataException>> errors) throws InterruptedException {
        WorkerLog.start();
        KogataConfig config = ConfigReader.read();
        WorkerHealth health = new WorkerHealth(config.worker().stuckAfter());
        PrometheusMeterRegistry metrics = WorkerMetrics.open();
        config.worker().http().port().ifPresent(port -> new WorkerHttp(config.worker().http().host(), port, health, metrics::scrape));
        AutoCloseable traces = Traces.open(config.traces(), "kogata-worker");
        ManagedChannel channel = Channels.open(api.apply(config), config.grpc());
        if (!isConnected(channel, config.worker().idleExit())) {
            System.exit(WorkerEnd.TEMPORARY.exitCode());
        }
        Folders folders = new Folders(config.worker().folder());
        // For what handlers unpack from now on: ONNX Runtime's 28 MB stay where the process is killed, and the next process of this folder removes them.
        System.setProperty("java.io.tmpdir", folders.temporary().toString());
        Map<String, TaskHandler> byType = made(handlers, errors);
        Stop stop = new Stop(health);
        Runtime.getRuntime().addShutdownHook(stop);
        WorkerLoop loop = stop.begin(() -> new WorkerLoop(channel, byType, errors, Artifacts.open(config.artifacts()), config.worker(), folders));
        WorkerMetrics.show(loop, metrics);
        List<String> topics = byType.keySet().stream().sorted().map(type -> "kogata.tasks." + type).toList();
        // Every worker would hear every task: with many that come and go, that is more than all else together. Their claims wait at the API.
        if (config.worker().maxTasks() == 0 && config.worker().idleExit().isEmpty()) {
            stop.then(new Bell(config.kafka(), topics, event -> loop.ring()));
        }
        stop.then(channel::shutdownNow);
        stop.then(traces);
        health.begun(loop, () -> channel.getState(false) == ConnectivityState.READY);
        WorkerLog.ready("ready, for tasks of type " + String.join(", ", byType.keySet().stream().sorted().toList()));
        // Blocks for ever where the process is being ended already: its exit code is the signal's then.
        System.exit(loop.awaitEnd().exitCode());
    }

    /** Hands unfinished tasks back when the process is asked to end, from the first moment that it can have some. */
    private static final class Stop extends Thread {
        private final WorkerHealth health;
        private final List<AutoCloseable> open = new ArrayList<>();

        Stop(WorkerHealth health) {
            super("stop");
            this.health = health;
        }

        /** Tasks first: who waits for them waits for nothing else. */
        synchronized WorkerLoop begin(Supplier<WorkerLoop> loop) {
            WorkerLoop begun = loop.get();
            open.add(0, begun);
            return begun;
        }

        synchronized void then(AutoCloseable it) {
            open.add(it);
        }

        @Override
        public synchronized void run() {
            health.stopping();
            for (AutoCloseable it : open) {
                try {
                    it.close();
                } catch (Exception e) {
                    // The process ends anyway: the last spans are lost, or a lease ends by itself.
                }
            }
        }
    }

    private static Map<String, TaskHandler> made(Supplier<Map<String, TaskHandler>> handlers, Function<Throwable, Optional<KogataException>> errors) {
        try {
            return handlers.get();
        } catch (RuntimeException e) {
            errors.apply(e).ifPresent(meaning -> {
                // Not as this class is loaded: that is before logs are set up, and Java would choose a log manager by itself, which writes everything.
                Logger.getLogger(WorkerProcess.class).error(meaning.getMessage());
                System.exit(WorkerEnd.MISCONFIGURED.exitCode());
            });
            throw e;
        }
    }

    /** The API may start at the same time; gRPC's own pauses between attempts grow to minutes. False where it does not answer for so long. */
    private static boolean isConnected(ManagedChannel channel, Optional<Duration> patience) throws InterruptedException {
        long began = System.nanoTime();
        while (channel.getState(true) != ConnectivityState.READY) {
            if (patience.isPresent() && System.nanoTime() - began > patience.get().toNanos()) {
                return false;
            }
            Thread.sleep(RETRY_MILLIS);
            channel.resetConnectBackoff();
        }
        return true;
    }
}
