package dev.kogata.kit.worker;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheus.PrometheusConfig;
import io.micrometer.prometheus.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.Locale;

/**
 * A worker's numbers for Prometheus: {@code kogata_worker_task_seconds{type,outcome}} (how long tasks took, and how many),
 * {@code kogata_worker_busy} and {@code kogata_worker_slots}, and those of the JVM and the process. By Micrometer, which the services
 * count with too. Thread-safe.
 */
final class WorkerMetrics {
    private WorkerMetrics() {}

    /** Begins to count what this process does. */
    static PrometheusMeterRegistry open() {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        Metrics.addRegistry(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmGcMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        return registry;
    }

    /** Shows how much of a worker is in use. */
    static void show(WorkerLoop loop, PrometheusMeterRegistry registry) {
        Gauge.builder("kogata.worker.busy", loop, WorkerLoop::busy).description("Tasks being done now").register(registry);
        Gauge.builder("kogata.worker.slots", loop, WorkerLoop::slots).description("Tasks that can be done at once").register(registry);
    }

    /** Counts a task that this worker has left. */
    static void ended(String type, Outcome outcome, long nanos) {
        Metrics.timer("kogata.worker.task", "type", type, "outcome", outcome.name().toLowerCase(Locale.ROOT)).record(Duration.ofNanos(nanos));
    }

    /** How a worker left a task. */
    enum Outcome {
        /** With its result. */
        SUCCEEDED,
        /** With an error. */
        FAILED,
        /** Nobody wanted it any more, or it was handed back. */
        STOPPED
    }
}
