package dev.kogata.standalone;

import dev.kogata.common.v1.Reason;
import dev.kogata.core.RefusedInput;
import dev.kogata.evaluator.EvaluatorWorker;
import dev.kogata.kit.error.KogataException;
import dev.kogata.kit.worker.TaskHandler;
import dev.kogata.kit.worker.WorkerProcess;
import dev.kogata.onnx.score.ExecutionProvider;
import dev.kogata.onnx.score.Sessions;
import dev.kogata.profiler.ProfilerWorker;
import dev.kogata.pruner.PrunerWorker;
import dev.kogata.quantizer.QuantizerWorker;
import java.util.Map;
import java.util.Optional;

/** What the worker of the embedded mesh can do: the tasks of every service. */
final class WorkerTasks {
    private WorkerTasks() {}

    /** Handlers by type of task. */
    static Map<String, TaskHandler> handlers() {
        Sessions.use(ExecutionProvider.valueOf(WorkerProcess.provider()));
        int threads = WorkerProcess.threads();
        return Map.of(
                ProfilerWorker.TYPE, new ProfilerWorker(threads),
                PrunerWorker.TYPE, new PrunerWorker(threads, WorkerProcess.bankBytes()),
                QuantizerWorker.TYPE, new QuantizerWorker(threads),
                EvaluatorWorker.TYPE, new EvaluatorWorker(threads));
    }

    /** What an exception of the algorithms means to whoever started the task. */
    static Optional<KogataException> meaning(Throwable thrown) {
        return thrown instanceof RefusedInput refused
                ? Optional.of(new KogataException(Reason.valueOf(refused.reason()), refused.getMessage(), refused.metadata()))
                : Optional.empty();
    }
}
