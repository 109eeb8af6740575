package dev.kogata.kit.metric;

import dev.kogata.common.v1.Reason;
import io.micrometer.core.instrument.Metrics;

/** {@code kogata_errors_total{transport,reason}}: errors that callers got. Thread-safe. */
public final class ErrorMetrics {
    private ErrorMetrics() {}

    /**
     * Counts one.
     *
     * @param transport {@code grpc} or {@code rest}
     */
    public static void count(String transport, Reason reason) {
        Metrics.counter("kogata.errors", "transport", transport, "reason", reason.name()).increment();
    }
}
