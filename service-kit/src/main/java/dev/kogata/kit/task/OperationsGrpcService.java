package dev.kogata.kit.task;

import com.google.longrunning.CancelOperationRequest;
import com.google.longrunning.DeleteOperationRequest;
import com.google.longrunning.GetOperationRequest;
import com.google.longrunning.ListOperationsRequest;
import com.google.longrunning.ListOperationsResponse;
import com.google.longrunning.Operation;
import com.google.longrunning.OperationsGrpc.OperationsImplBase;
import com.google.longrunning.WaitOperationRequest;
import com.google.protobuf.Empty;
import dev.kogata.kit.error.KogataException;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import io.smallrye.common.annotation.Blocking;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;

/** The standard operations service over all boards in this process; the first part of a name says which. */
@GrpcService
@Blocking
public class OperationsGrpcService extends OperationsImplBase {
    private final TaskBoards boards;
    private final WaitingRoom room = new WaitingRoom("operations");

    @Inject
    OperationsGrpcService(TaskBoards boards) {
        this.boards = boards;
        boards.all().forEach(board -> board.onChange(task -> {
            if (task.isEmpty()) {
                room.ringAll(board.type() + "/");
            } else {
                room.ring(task);
            }
        }));
    }

    /** {@code name} is the collection: {@code TYPE/operations} or {@code TYPE}. */
    @Override
    public void listOperations(ListOperationsRequest request, StreamObserver<ListOperationsResponse> answer) {
        if (!request.getFilter().isEmpty()) {
            throw KogataException.invalid("filter", "Operations cannot be filtered.");
        }
        String name = request.getName();
        answer.onNext(boards.ofName(name.contains("/") ? name : name + "/").list(request.getPageSize(), request.getPageToken()));
        answer.onCompleted();
    }

    @Override
    public void getOperation(GetOperationRequest request, StreamObserver<Operation> answer) {
        answer.onNext(boards.ofName(request.getName()).get(request.getName()));
        answer.onCompleted();
    }

    /** Answers when the operation is done or the time (at most 30 s) is over. */
    @Override
    public void waitOperation(WaitOperationRequest request, StreamObserver<Operation> answer) {
        String name = request.getName();
        TaskBoard board = boards.ofName(name);
        Waits<Operation> caller = new Waits<>(answer, () -> Optional.of(board.get(name)).filter(Operation::getDone), () -> board.get(name));
        if (!caller.serve()) {
            room.enter(List.of(name), Waits.bounded(request.getTimeout()), caller);
        }
    }

    @Override
    public void cancelOperation(CancelOperationRequest request, StreamObserver<Empty> answer) {
        boards.ofName(request.getName()).cancel(request.getName());
        answer.onNext(Empty.getDefaultInstance());
        answer.onCompleted();
    }

    @Override
    public void deleteOperation(DeleteOperationRequest request, StreamObserver<Empty> answer) {
        boards.ofName(request.getName()).delete(request.getName());
        answer.onNext(Empty.getDefaultInstance());
        answer.onCompleted();
    }

    @PreDestroy
    void close() {
        room.close();
    }
}
