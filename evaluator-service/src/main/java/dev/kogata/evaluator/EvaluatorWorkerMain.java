package dev.kogata.evaluator;

import dev.kogata.common.v1.Reason;
import dev.kogata.core.RefusedInput;
import dev.kogata.kit.error.KogataException;
import dev.kogata.kit.worker.WorkerProcess;
import java.util.Map;
import java.util.Optional;

/** The worker part of the evaluator service, as a process. */
public final class EvaluatorWorkerMain {
    private EvaluatorWorkerMain() {}

    /** Works until the process is asked to stop. */
    public static void main(String[] arguments) throws InterruptedException {
        WorkerProcess.run(config -> config.evaluator().address(), () -> Map.of(EvaluatorWorker.TYPE, new EvaluatorWorker(WorkerProcess.threads())), EvaluatorWorkerMain::meaning);
    }

    private static Optional<KogataException> meaning(Throwable thrown) {
        return thrown instanceof RefusedInput refused
                ? Optional.of(new KogataException(Reason.valueOf(refused.reason()), refused.getMessage(), refused.metadata(), refused))
                : Optional.empty();
    }
}
