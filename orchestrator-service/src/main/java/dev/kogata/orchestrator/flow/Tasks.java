package dev.kogata.orchestrator.flow;

import com.google.longrunning.Operation;
import com.google.protobuf.Message;
import dev.kogata.common.v1.Reason;
import dev.kogata.kit.error.KogataException;
import dev.kogata.kit.grpc.OperationClient;
import dev.kogata.orchestrator.JobsConfig;
import dev.kogata.kit.trace.Traces;
import dev.kogata.orchestrator.job.JobRun;
import dev.kogata.tasks.v1.AttemptEnd;
import dev.kogata.tasks.v1.TaskMetadata;
import java.util.Map;
import java.util.function.DoubleConsumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Tasks of one job, each done once: a task's name is also what its service knows it by, so asking again finds the operation
 * that is there, and a result that was seen once is kept in the job's own table. Thread-safe.
 */
final class Tasks {

    private final JobRun run;
    private final Workers workers;
    private final JobsConfig config;
    private final StopSignal stop;

    Tasks(JobRun run, Workers workers, JobsConfig config, StopSignal stop) {
        this.run = run;
        this.workers = workers;
        this.config = config;
        this.stop = stop;
    }

    /** Ignores how far a task is. */
    static final DoubleConsumer QUIET = share -> { };

    /**
     * Does a task, or finds what it gave when it was done before. Blocks.
     *
     * @param name unique within the job, the same after every restart
     * @param start starts the operation for a request id; called again where nobody answered
     * @param progress hears how far the task is, [0, 1]
     * @throws KogataException what the task failed with
     */
    <R extends Message> R result(String name, Class<R> type, Function<String, Operation> start, DoubleConsumer progress) {
        var known = run.taskResult(name);
        if (known.isPresent()) {
            progress.accept(1);
            return OperationClient.result(Operation.newBuilder().setName(name).setDone(true).setResponse(known.get()).build(), type);
        }
        return Traces.inJob("jobs/" + run.lease().job(), "task " + name, Map.of(), () -> asked(name, type, start, progress));
    }

    private <R extends Message> R asked(String name, Class<R> type, Function<String, Operation> start, DoubleConsumer progress) {
        String requestId = run.lease().job() + "/" + name;
        // Before the start: whoever ends the job knows of it, whatever happens to this process.
        run.taskAsked(name, Workers.request(type, requestId));
        Operation operation = patiently(() -> OperationClient.call(() -> start.apply(requestId)));
        Operation done = awaited(name, operation, progress);
        R result = result(done, type);
        run.taskDone(name, done.getResponse());
        progress.accept(1);
        return result;
    }

    /** Where a task failed for want of its store, it has waited for that already: nobody waits again. */
    private static <R extends Message> R result(Operation done, Class<R> type) {
        try {
            return OperationClient.result(done, type);
        } catch (KogataException e) {
            throw e.passes() ? new PatienceOver(e) : e;
        }
    }

    private Operation awaited(String name, Operation started, DoubleConsumer progress) {
        OperationClient client = workers.operations(started.getName());
        Operation operation = started;
        int told = 0;
        while (!operation.getDone()) {
            stop.check();
            operation = patiently(() -> client.poll(started.getName(), config.poll()));
            if (operation.hasMetadata()) {
                TaskMetadata metadata = OperationClient.metadata(operation);
                for (AttemptEnd end : metadata.getEndedAttemptsList().subList(Math.min(told, metadata.getEndedAttemptsCount()), metadata.getEndedAttemptsCount())) {
                    run.remark("Attempt " + end.getAttempt() + " of the task " + name + " ended without a result (" + end.getReason() + "): " + end.getMessage());
                }
                told = metadata.getEndedAttemptsCount();
                progress.accept(metadata.getProgress());
            }
        }
        return operation;
    }

    /** Makes a call until somebody answers, for as long as a service may be away. */
    private <A> A patiently(Supplier<A> call) {
        long began = System.nanoTime();
        while (true) {
            stop.check();
            try {
                return call.get();
            } catch (KogataException e) {
                if (e.reason() != Reason.UNAVAILABLE) {
                    throw e;
                }
                if (System.nanoTime() - began > config.patience().toNanos()) {
                    throw new PatienceOver(e);
                }
                stop.pause(config.poll());
            }
        }
    }
}
