package dev.kogata.kit.task;

import dev.kogata.common.v1.Reason;
import dev.kogata.kit.error.KogataException;
import dev.kogata.tasks.v1.WorkerEndCause;
import java.util.Map;

/** What the end of a worker means to the tasks that it held. Stateless. */
final class WorkerEnds {
    private WorkerEnds() {}

    /** The worker stopped answering. */
    static KogataException lost(int attempts) {
        return new KogataException(Reason.WORKER_LOST, "The worker that did this task stopped answering, " + attempts
                + " times in all; look at the workers' logs and memory limits, then start the job again.", attempts(attempts));
    }

    /** Somebody said why the worker is gone. */
    static KogataException error(WorkerEndCause cause, String detail, int attempts) {
        String more = detail.isBlank() ? "" : " (" + detail.strip() + ")";
        return switch (cause) {
            case WORKER_STOPPED -> new KogataException(Reason.UNAVAILABLE, "The worker was stopped" + more + ".");
            case WORKER_OVER_MEMORY -> new KogataException(Reason.WORKER_OVER_MEMORY, "The worker that did this task used more memory than it may and was ended" + more
                    + "; give workers more memory, or send a smaller model.", attempts(attempts));
            case WORKER_CRASHED -> new KogataException(Reason.MODEL_CRASHED_RUNTIME, "The process that ran this model ended abruptly" + more
                    + ": the model crashes ONNX Runtime, or needs more memory than the worker has; look at the worker's logs and memory limit.");
            case WORKER_END_CAUSE_UNSPECIFIED, UNRECOGNIZED -> lost(attempts);
        };
    }

    private static Map<String, String> attempts(int attempts) {
        return Map.of("attempts", Integer.toString(attempts));
    }
}
