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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

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

    /**
     * Works until the process is ended. Prints {@code ready} when it can claim tasks; answers probes from the beginning, where
     * {@code kogata.worker.http.port} says so.
     *
     * @param api address of the API whose tasks these are
     * @param handlers by type of task; made once logs are set up
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
        awaitConnection(channel);
        Map<String, TaskHandler> byType = handlers.get();
        WorkerLoop loop = new WorkerLoop(channel, byType, errors, Artifacts.open(config.artifacts()), config.worker());
        WorkerMetrics.show(loop, metrics);
        List<String> topics = byType.keySet().stream().sorted().map(type -> "kogata.tasks." + type).toList();
        Bell bell = new Bell(config.kafka(), topics, event -> loop.ring());
        health.begun(loop, () -> channel.getState(false) == ConnectivityState.READY);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            health.stopping();
            bell.close();
            loop.close();
            channel.shutdownNow();
            close(traces);
        }, "stop"));
        WorkerLog.ready("ready, for tasks of type " + String.join(", ", byType.keySet().stream().sorted().toList()));
        Thread.currentThread().join();
    }

    private static void close(AutoCloseable traces) {
        try {
            traces.close();
        } catch (Exception e) {
            // The last spans are lost, and nothing else.
        }
    }

    /** The API may start at the same time; gRPC's own pauses between attempts grow to minutes. */
    private static void awaitConnection(ManagedChannel channel) throws InterruptedException {
        while (channel.getState(true) != ConnectivityState.READY) {
            Thread.sleep(RETRY_MILLIS);
            channel.resetConnectBackoff();
        }
    }
}
