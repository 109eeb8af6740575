package dev.kogata.kit.worker;

import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * How a worker is, in the words of MicroProfile Health, which the services answer with too.
 *
 * <table><caption>Checks</caption>
 * <tr><td>live</td><td>every slot can take another task: none has ended, and none is held by a task that was told to stop long ago</td></tr>
 * <tr><td>ready</td><td>the API that it claims tasks at is connected, and it is not being stopped</td></tr>
 * <tr><td>started</td><td>it has begun to claim tasks</td></tr>
 * </table>
 * A worker whose API is away is alive: it waits, and killing it would lose the task it does. Thread-safe.
 */
final class WorkerHealth {
    private final Duration stuckAfter;
    private volatile WorkerLoop loop;
    private volatile BooleanSupplier connected = () -> false;
    private volatile boolean stopping;

    /** Health of a worker that has not begun yet. */
    WorkerHealth(Duration stuckAfter) {
        this.stuckAfter = stuckAfter;
    }

    /** It works. */
    void begun(WorkerLoop works, BooleanSupplier apiConnected) {
        connected = apiConnected;
        loop = works;
    }

    /** It is being stopped. */
    void stopping() {
        stopping = true;
    }

    Answer live() {
        WorkerLoop works = loop;
        Optional<String> ill = works == null || stopping ? Optional.empty() : works.illness(stuckAfter);
        return new Answer("slots", ill.isEmpty(), ill.orElse("every slot works or waits for a task"));
    }

    Answer ready() {
        if (loop == null) {
            return new Answer("api", false, "the API has not been reached yet");
        }
        if (stopping) {
            return new Answer("api", false, "the worker is being stopped");
        }
        boolean up = connected.getAsBoolean();
        return new Answer("api", up, up ? "connected" : "the API is away");
    }

    Answer started() {
        boolean up = loop != null;
        return new Answer("loop", up, up ? "tasks are claimed" : "the API has not been reached yet");
    }

    /** One check and what it found; its texts are Kogata's own, free of anything to escape. */
    record Answer(String check, boolean up, String told) {
        String json() {
            String status = up ? "UP" : "DOWN";
            return String.format("{\"status\":\"%s\",\"checks\":[{\"name\":\"%s\",\"status\":\"%s\",\"data\":{\"told\":\"%s\"}}]}%n", status, check, status, told);
        }
    }
}
