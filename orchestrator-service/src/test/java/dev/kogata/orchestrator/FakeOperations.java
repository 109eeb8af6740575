package dev.kogata.orchestrator;

import com.google.longrunning.CancelOperationRequest;
import com.google.longrunning.GetOperationRequest;
import com.google.longrunning.Operation;
import com.google.longrunning.OperationsGrpc;
import com.google.longrunning.WaitOperationRequest;
import com.google.protobuf.Any;
import com.google.protobuf.Empty;
import com.google.protobuf.Message;
import dev.kogata.common.v1.Reason;
import dev.kogata.kit.error.KogataException;
import dev.kogata.tasks.v1.CancelTaskRequest;
import dev.kogata.tasks.v1.TaskMetadata;
import dev.kogata.tasks.v1.TaskQueueServiceGrpc;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** Operations as worker services keep them: one per request id, running on threads of the test, surviving any orchestrator. */
final class FakeOperations extends OperationsGrpc.OperationsImplBase {

    private final ExecutorService threads;
    private final Map<String, Message> requests = new ConcurrentHashMap<>();
    private final Map<String, CompletableFuture<Operation>> byName = new ConcurrentHashMap<>();
    /** Request ids in the order in which their work began. */
    final List<String> begun = new CopyOnWriteArrayList<>();
    /** Names of the operations that were cancelled before they had ended, or had begun. */
    final List<String> cancelled = new CopyOnWriteArrayList<>();

    /** Whether nobody hears what is cancelled. */
    volatile boolean deaf;

    FakeOperations(ExecutorService threads) {
        this.threads = threads;
    }

    Operation start(String type, String requestId, Message request, Supplier<Message> work) {
        String name = name(type, requestId);
        Message known = requests.putIfAbsent(requestId, request);
        if (known != null && !known.equals(request)) {
            throw new KogataException(Reason.IDEMPOTENCY_CONFLICT, "The request id " + requestId + " came with another request.");
        }
        if (known == null) {
            CompletableFuture<Operation> operation = new CompletableFuture<>();
            if (byName.putIfAbsent(name, operation) == null) {
                begun.add(requestId);
                threads.execute(() -> operation.complete(done(name, work)));
            }
        }
        return running(name);
    }

    private static String name(String type, String requestId) {
        return type + "/operations/" + requestId.replace('/', '-');
    }

    @Override
    public void getOperation(GetOperationRequest request, StreamObserver<Operation> caller) {
        answer(caller, byName.get(request.getName()).getNow(running(request.getName())));
    }

    @Override
    public void waitOperation(WaitOperationRequest request, StreamObserver<Operation> caller) {
        try {
            answer(caller, byName.get(request.getName()).get(request.getTimeout().getSeconds() * 1000 + request.getTimeout().getNanos() / 1_000_000, TimeUnit.MILLISECONDS));
        } catch (TimeoutException stillRunning) {
            answer(caller, running(request.getName()));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void cancelOperation(CancelOperationRequest request, StreamObserver<Empty> caller) {
        cancel(request.getName());
        answer(caller, Empty.getDefaultInstance());
    }

    /** The part of the task queue that is not for workers. */
    final class Queue extends TaskQueueServiceGrpc.TaskQueueServiceImplBase {
        @Override
        public void cancelTask(CancelTaskRequest request, StreamObserver<Empty> caller) {
            cancel(name(request.getType(), request.getRequestId()));
            answer(caller, Empty.getDefaultInstance());
        }
    }

    private void cancel(String name) {
        if (deaf) {
            throw new KogataException(Reason.UNAVAILABLE, "A service of the mesh does not answer; try again.");
        }
        boolean ran = byName.computeIfAbsent(name, unknown -> new CompletableFuture<>()).complete(Operation.newBuilder().setName(name).setDone(true)
                .setError(new KogataException(Reason.CANCELLED, "The task was cancelled.").toStatus()).build());
        if (ran) {
            cancelled.add(name);
        }
    }

    private static Operation done(String name, Supplier<Message> work) {
        Operation.Builder operation = Operation.newBuilder().setName(name).setDone(true)
                .setMetadata(Any.pack(TaskMetadata.newBuilder().setProgress(1).setAttempts(1).build()));
        try {
            return operation.setResponse(Any.pack(work.get())).build();
        } catch (KogataException e) {
            return operation.setError(e.toStatus()).build();
        }
    }

    private static Operation running(String name) {
        return Operation.newBuilder().setName(name).setMetadata(Any.pack(TaskMetadata.newBuilder().setAttempts(1).build())).build();
    }

    static <A> void answer(StreamObserver<A> caller, A answer) {
        caller.onNext(answer);
        caller.onCompleted();
    }
}
