package dev.kogata.standalone.mesh;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * A group of processes that live and die together: started side by side, kept running, stopped as one. Thread-safe.
 */
final class Supervisor implements AutoCloseable {
    private static final long LOOK_EVERY_MILLIS = 50;

    private final List<SupervisedProcess> processes;
    private final Duration grace;

    /**
     * Prepares the processes; starts nothing.
     *
     * @param grace how long a group of processes may take to end before it is killed
     * @param logs folder for {@code NAME.log} of each
     * @param notices told, in one sentence each, when a process ended and is started again
     */
    Supervisor(List<ProcessSpec> specs, Duration grace, Path logs, Consumer<String> notices) {
        this.grace = grace;
        processes = specs.stream().map(spec -> new SupervisedProcess(spec, logs, notices)).toList();
    }

    List<SupervisedProcess> processes() {
        return processes;
    }

    void start() {
        processes.forEach(SupervisedProcess::start);
    }

    /** Waits until every process is ready; fails when one is given up or the time is over. */
    void awaitReady(Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        for (SupervisedProcess process : processes) {
            while (!process.isReady()) {
                if (process.failure() != null) {
                    throw MeshFailure.failed("Kogata cannot start: " + process.failure() + ".");
                }
                if (System.nanoTime() > deadline) {
                    throw MeshFailure.failed("Kogata cannot start: " + process.spec().name() + " was not ready after "
                            + limit.toSeconds() + " s; its log is " + process.log() + ".");
                }
                Thread.sleep(LOOK_EVERY_MILLIS);
            }
        }
    }

    /** Stops everything, those that serve the others last, and returns when nothing is left. */
    @Override
    public void close() {
        stop(processes.stream().filter(process -> !process.spec().servesOthers()).toList());
        stop(processes.stream().filter(process -> process.spec().servesOthers()).toList());
    }

    private void stop(List<SupervisedProcess> group) {
        group.forEach(SupervisedProcess::askToStop);
        long deadline = System.nanoTime() + grace.toNanos();
        for (SupervisedProcess process : group) {
            process.awaitStopped(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
        }
    }
}
