package dev.kogata.kit.metric;

import dev.kogata.kit.task.TaskBoard;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.arc.All;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Any;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** {@code kogata_tasks{type,state}}: tasks that wait, and that a worker does, of every board in this process. */
@Singleton
class TaskMetrics {
    void start(@Observes StartupEvent event, MeterRegistry registry, @Any @All List<TaskBoard> boards) {
        boards.forEach(board -> {
            gauge(registry, board, "WAITING", TaskBoard::waiting);
            gauge(registry, board, "RUNNING", TaskBoard::running);
        });
    }

    /** Asked at every scrape; a database that is away gives no number rather than an old one. */
    private static void gauge(MeterRegistry registry, TaskBoard board, String state, ToDoubleFunction<TaskBoard> count) {
        Gauge.builder("kogata.tasks", board, asked -> {
            try {
                return count.applyAsDouble(asked);
            } catch (RuntimeException e) {
                return Double.NaN;
            }
        }).tag("type", board.type()).tag("state", state).description("Tasks by type and state").register(registry);
    }
}
