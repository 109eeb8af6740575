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
import dev.kogata.kit.error.Incident;
import dev.kogata.kit.error.KogataException;
import dev.kogata.kit.tenant.MeshInterceptor;
import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quarkus.arc.All;
import io.quarkus.grpc.GrpcService;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Inject;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The standard operations service over all boards in this process, and over what else is one; the first part of a name says which.
 * Tasks are the mesh's own: for anybody else there are none.
 */
@GrpcService
@Blocking
public class OperationsGrpcService extends OperationsImplBase {
    private final TaskBoards boards;
    private final List<OperationSource> sources;
    private final WaitingRoom room = new WaitingRoom("operations");

    @Inject
    OperationsGrpcService(TaskBoards boards, @All List<OperationSource> sources) {
        this.boards = boards;
        this.sources = sources;
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
        Optional<OperationSource> source = source(request.getName());
        if (source.isPresent()) {
            onWorker(answer, () -> source.get().list(request.getPageSize(), request.getPageToken(), request.getFilter()));
            return;
        }
        if (!request.getFilter().isEmpty()) {
            throw KogataException.invalid("filter", "Operations cannot be filtered.");
        }
        String name = request.getName();
        answer.onNext(board(name.contains("/") ? name : name + "/").list(request.getPageSize(), request.getPageToken()));
        answer.onCompleted();
    }

    @Override
    public void getOperation(GetOperationRequest request, StreamObserver<Operation> answer) {
        Optional<OperationSource> source = source(request.getName());
        if (source.isPresent()) {
            onWorker(answer, () -> source.get().get(request.getName()));
            return;
        }
        answer.onNext(board(request.getName()).get(request.getName()));
        answer.onCompleted();
    }

    /** Answers when the operation is done or the time (at most 30 s) is over. */
    @Override
    public void waitOperation(WaitOperationRequest request, StreamObserver<Operation> answer) {
        String name = request.getName();
        Optional<OperationSource> source = source(name);
        if (source.isPresent()) {
            CompletableFuture<Operation> ended = new CompletableFuture<>();
            onWorker(answer, ended, () -> source.get().await(name, Waits.bounded(request.getTimeout())).whenComplete((operation, failure) -> {
                if (failure == null) {
                    ended.complete(operation);
                } else {
                    ended.completeExceptionally(failure instanceof CompletionException wrapped ? wrapped.getCause() : failure);
                }
            }));
            return;
        }
        TaskBoard board = board(name);
        Waits<Operation> caller = new Waits<>(answer, () -> Optional.of(board.get(name)).filter(Operation::getDone), () -> board.get(name));
        if (!caller.serve()) {
            room.enter(List.of(name), Waits.bounded(request.getTimeout()), caller);
        }
    }

    @Override
    public void cancelOperation(CancelOperationRequest request, StreamObserver<Empty> answer) {
        Optional<OperationSource> source = source(request.getName());
        if (source.isPresent()) {
            onWorker(answer, () -> {
                source.get().cancel(request.getName());
                return Empty.getDefaultInstance();
            });
            return;
        }
        board(request.getName()).cancel(request.getName());
        answer.onNext(Empty.getDefaultInstance());
        answer.onCompleted();
    }

    @Override
    public void deleteOperation(DeleteOperationRequest request, StreamObserver<Empty> answer) {
        Optional<OperationSource> source = source(request.getName());
        if (source.isPresent()) {
            onWorker(answer, () -> {
                source.get().delete(request.getName());
                return Empty.getDefaultInstance();
            });
            return;
        }
        board(request.getName()).delete(request.getName());
        answer.onNext(Empty.getDefaultInstance());
        answer.onCompleted();
    }

    private static <A> void onWorker(StreamObserver<A> answer, Supplier<A> work) {
        CompletableFuture<A> found = new CompletableFuture<>();
        onWorker(answer, found, () -> found.complete(work.get()));
    }

    /**
     * Sources call other services, which may answer on the very thread that this method runs on: Quarkus does not see that the class is
     * blocking, since the service's base is in no index.
     */
    private static <A> void onWorker(StreamObserver<A> answer, CompletableFuture<A> found, Runnable work) {
        // With a handler, a caller that hangs up is a state and not an exception.
        ((ServerCallStreamObserver<A>) answer).setOnCancelHandler(() -> {});
        found.whenComplete((value, failure) -> {
            if (failure == null) {
                answer.onNext(value);
                answer.onCompleted();
            } else {
                answer.onError(Incident.of(failure).toGrpc());
            }
        });
        Infrastructure.getDefaultWorkerPool().execute(Context.current().wrap(() -> {
            try {
                work.run();
            } catch (RuntimeException e) {
                found.completeExceptionally(e);
            }
        }));
    }

    private Optional<OperationSource> source(String name) {
        return sources.stream().filter(source -> name.equals(source.collection()) || name.startsWith(source.collection() + "/")).findFirst();
    }

    private TaskBoard board(String name) {
        if (!MeshInterceptor.isWithin()) {
            throw KogataException.notFound("The operation", Names.shortened(name, TaskTable.LONGEST_NAME));
        }
        return boards.ofName(name);
    }

    @PreDestroy
    void close() {
        room.close();
    }
}
