package dev.kogata.kit.task;

import com.google.protobuf.Empty;
import dev.kogata.kit.error.KogataException;
import dev.kogata.tasks.v1.CancelTaskRequest;
import dev.kogata.tasks.v1.ClaimTaskRequest;
import dev.kogata.tasks.v1.ClaimTaskResponse;
import dev.kogata.tasks.v1.CountTasksRequest;
import dev.kogata.tasks.v1.CountTasksResponse;
import dev.kogata.tasks.v1.EndWorkerRequest;
import dev.kogata.tasks.v1.EndWorkerResponse;
import dev.kogata.tasks.v1.FailTaskRequest;
import dev.kogata.tasks.v1.FinishTaskRequest;
import dev.kogata.tasks.v1.HeartbeatTaskRequest;
import dev.kogata.tasks.v1.HeartbeatTaskResponse;
import dev.kogata.tasks.v1.Task;
import dev.kogata.tasks.v1.TaskCount;
import dev.kogata.tasks.v1.TaskQueueServiceGrpc.TaskQueueServiceImplBase;
import dev.kogata.tasks.v1.WorkerEndCause;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import io.smallrye.common.annotation.Blocking;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Hands tasks of all boards in this process to workers. */
@GrpcService
@Blocking
public class TaskQueueGrpcService extends TaskQueueServiceImplBase {
    private final TaskBoards boards;
    private final WaitingRoom room = new WaitingRoom("task-queue");

    @Inject
    TaskQueueGrpcService(TaskBoards boards) {
        this.boards = boards;
        boards.all().forEach(board -> board.onChange(task -> room.ring(board.type())));
    }

    @Override
    public void claimTask(ClaimTaskRequest request, StreamObserver<ClaimTaskResponse> answer) {
        if (request.getWorker().isEmpty() || request.getTypesCount() == 0) {
            throw KogataException.invalid("worker", "A claim needs 'worker' and at least one of 'types'.");
        }
        List<String> types = request.getTypesList().stream().distinct().toList();
        List<TaskBoard> asked = types.stream().map(boards::ofType).toList();
        Waits<ClaimTaskResponse> caller = new Waits<>(answer, () -> claim(asked, request.getWorker()), ClaimTaskResponse::getDefaultInstance, this::giveBack);
        Duration wait = Waits.bounded(request.getWait());
        if (caller.serve()) {
            return;
        }
        room.enter(types, wait, caller);
    }

    private static Optional<ClaimTaskResponse> claim(List<TaskBoard> boards, String worker) {
        for (TaskBoard board : boards) {
            Optional<Task> task = board.claim(worker);
            if (task.isPresent()) {
                return Optional.of(ClaimTaskResponse.newBuilder().setTask(task.get()).build());
            }
        }
        return Optional.empty();
    }

    /** Whoever asked hung up meanwhile. */
    private void giveBack(ClaimTaskResponse undelivered) {
        Task task = undelivered.getTask();
        boards.ofType(task.getType()).fail(task.getName(), task.getFence(), WorkerEnds.error(WorkerEndCause.WORKER_STOPPED, "", 0).toStatus(), true, true);
    }

    @Override
    public void countTasks(CountTasksRequest request, StreamObserver<CountTasksResponse> answer) {
        CountTasksResponse.Builder counts = CountTasksResponse.newBuilder();
        for (String type : request.getTypesList()) {
            TaskBoard board = boards.ofType(type);
            counts.addCounts(TaskCount.newBuilder().setType(type).setWaiting(board.waiting()).setRunning(board.running()));
        }
        answer.onNext(counts.build());
        answer.onCompleted();
    }

    @Override
    public void endWorker(EndWorkerRequest request, StreamObserver<EndWorkerResponse> answer) {
        if (request.getWorker().isBlank()) {
            throw KogataException.invalid("worker", "'worker' must name the worker that is gone.");
        }
        EndWorkerResponse.Builder held = EndWorkerResponse.newBuilder();
        boards.all().forEach(board -> held.addAllTasks(board.endWorker(request.getWorker(), request.getCause(), request.getDetail())));
        answer.onNext(held.build());
        answer.onCompleted();
    }

    @Override
    public void heartbeatTask(HeartbeatTaskRequest request, StreamObserver<HeartbeatTaskResponse> answer) {
        boolean cancelled = boards.ofName(request.getName())
                .heartbeat(request.getName(), request.getFence(), request.getProgress(), request.getMessage());
        answer.onNext(HeartbeatTaskResponse.newBuilder().setCancelled(cancelled).build());
        answer.onCompleted();
    }

    @Override
    public void finishTask(FinishTaskRequest request, StreamObserver<Empty> answer) {
        boards.ofName(request.getName()).finish(request.getName(), request.getFence(), request.getResult());
        answer.onNext(Empty.getDefaultInstance());
        answer.onCompleted();
    }

    @Override
    public void failTask(FailTaskRequest request, StreamObserver<Empty> answer) {
        boards.ofName(request.getName()).fail(request.getName(), request.getFence(), request.getError(),
                request.getRetryable(), request.getReleased());
        answer.onNext(Empty.getDefaultInstance());
        answer.onCompleted();
    }

    @Override
    public void cancelTask(CancelTaskRequest request, StreamObserver<Empty> answer) {
        boards.ofType(request.getType()).cancelRequest(request.getRequestId(), request.getJob());
        answer.onNext(Empty.getDefaultInstance());
        answer.onCompleted();
    }

    @PreDestroy
    void close() {
        room.close();
    }
}
