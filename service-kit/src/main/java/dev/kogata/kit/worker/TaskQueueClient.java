package dev.kogata.kit.worker;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import dev.kogata.kit.error.KogataException;
import dev.kogata.kit.grpc.OperationClient;
import dev.kogata.tasks.v1.ClaimTaskRequest;
import dev.kogata.tasks.v1.ClaimTaskResponse;
import dev.kogata.tasks.v1.EndWorkerRequest;
import dev.kogata.tasks.v1.FailTaskRequest;
import dev.kogata.tasks.v1.FinishTaskRequest;
import dev.kogata.tasks.v1.HeartbeatTaskRequest;
import dev.kogata.tasks.v1.Task;
import dev.kogata.tasks.v1.TaskQueueServiceGrpc;
import dev.kogata.tasks.v1.TaskQueueServiceGrpc.TaskQueueServiceBlockingStub;
import dev.kogata.tasks.v1.WorkerEndCause;
import io.grpc.Channel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The task queue as a worker sees it; errors come as {@link KogataException}. Thread-safe. */
final class TaskQueueClient {
    private static final long ANSWER_MILLIS = 5000;

    private final TaskQueueServiceBlockingStub stub;
    private final String worker;

    TaskQueueClient(Channel channel, String worker) {
        this.stub = TaskQueueServiceGrpc.newBlockingStub(channel);
        this.worker = worker;
    }

    Optional<Task> claim(List<String> types, Duration wait) {
        ClaimTaskRequest request = ClaimTaskRequest.newBuilder().addAllTypes(types).setWorker(worker)
                .setWait(com.google.protobuf.Duration.newBuilder().setSeconds(wait.toSeconds()).setNanos(wait.toNanosPart())).build();
        ClaimTaskResponse answer = OperationClient.call(() -> within(wait.toMillis() + ANSWER_MILLIS).claimTask(request));
        return answer.hasTask() ? Optional.of(answer.getTask()) : Optional.empty();
    }

    /** True where the task was cancelled. */
    boolean heartbeat(Task task, double progress, String message) {
        HeartbeatTaskRequest request = HeartbeatTaskRequest.newBuilder().setName(task.getName()).setFence(task.getFence())
                .setProgress(progress).setMessage(message).build();
        return OperationClient.call(() -> within(ANSWER_MILLIS).heartbeatTask(request)).getCancelled();
    }

    void finish(Task task, Message result) {
        FinishTaskRequest request = FinishTaskRequest.newBuilder().setName(task.getName()).setFence(task.getFence())
                .setResult(Any.pack(result)).build();
        OperationClient.call(() -> within(ANSWER_MILLIS).finishTask(request));
    }

    void fail(Task task, KogataException error, boolean released) {
        fail(task, error, error.code().retryable(), released);
    }

    void fail(Task task, KogataException error, boolean retryable, boolean released) {
        FailTaskRequest request = FailTaskRequest.newBuilder().setName(task.getName()).setFence(task.getFence())
                .setError(error.toStatus()).setRetryable(retryable).setReleased(released).build();
        OperationClient.call(() -> within(ANSWER_MILLIS).failTask(request));
    }

    /** This worker is asked to stop: what it holds goes back, also what it claimed and has not heard of. */
    void stopped() {
        EndWorkerRequest request = EndWorkerRequest.newBuilder().setWorker(worker).setCause(WorkerEndCause.WORKER_STOPPED).build();
        OperationClient.call(() -> within(ANSWER_MILLIS).endWorker(request));
    }

    private TaskQueueServiceBlockingStub within(long millis) {
        return stub.withDeadlineAfter(millis, TimeUnit.MILLISECONDS);
    }
}
