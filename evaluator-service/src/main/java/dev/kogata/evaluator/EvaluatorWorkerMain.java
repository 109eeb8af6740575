package dev.kogata.evaluator;

import dev.kogata.common.v1.Reason;
import dev.kogata.core.RefusedInput;
import dev.kogata.kit.error.KogataException;
import dev.kogata.kit.worker.TaskHandler;
import dev.kogata.kit.worker.WorkerProcess;
import dev.kogata.onnx.score.ExecutionProvider;
import dev.kogata.onnx.score.Sessions;
import java.util.Map;
import java.util.Optional;

/** The worker part of the evaluator service, as a process. */
public final class EvaluatorWorkerMain {
    private EvaluatorWorkerMain() {}

    /** Works until the process is asked to stop. */
    public static void main(String[] arguments) throws InterruptedException {
        WorkerProcess.run(config -> config.evaluator().address(), EvaluatorWorkerMain::handlers, EvaluatorWorkerMain::meaning);
    }

    private static Map<String, TaskHandler> handlers() {
        Sessions.use(ExecutionProvider.valueOf(WorkerProcess.provider()));
        return Map.of(EvaluatorWorker.TYPE, new EvaluatorWorker(WorkerProcess.threads()));
    }

    private static Optional<KogataException> meaning(Throwable thrown) {
        return thrown instanceof RefusedInput refused
                ? Optional.of(new KogataException(Reason.valueOf(refused.reason()), refused.getMessage(), refused.metadata(), refused))
                : Optional.empty();
    }
}
