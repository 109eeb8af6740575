package dev.kogata.kit.grpc;

import com.google.longrunning.CancelOperationRequest;
import com.google.longrunning.GetOperationRequest;
import com.google.longrunning.Operation;
import com.google.longrunning.OperationsGrpc;
import com.google.longrunning.WaitOperationRequest;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.kogata.common.v1.Reason;
import dev.kogata.kit.error.KogataException;
import dev.kogata.tasks.v1.CancelTaskRequest;
import dev.kogata.tasks.v1.TaskMetadata;
import dev.kogata.tasks.v1.TaskQueueServiceGrpc;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Long-running operations of a service, from outside. All errors are {@link KogataException}s. Thread-safe. */
public final class OperationClient {
    private static final int WAIT_SECONDS = 20;

    private final OperationsGrpc.OperationsBlockingStub stub;
    private final TaskQueueServiceGrpc.TaskQueueServiceBlockingStub tasks;

    /** Operations of the service behind {@code channel}. */
    public OperationClient(Channel channel) {
        this.stub = OperationsGrpc.newBlockingStub(channel);
        this.tasks = TaskQueueServiceGrpc.newBlockingStub(channel);
    }

    /** Runs a call of any blocking stub, with its error translated. */
    public static <A> A call(Supplier<A> call) {
        try {
            return call.get();
        } catch (StatusRuntimeException e) {
            throw KogataException.of(e);
        }
    }

    /** Where the operation stands. */
    public Operation get(String name) {
        return call(() -> stub.getOperation(GetOperationRequest.newBuilder().setName(name).build()));
    }

    /** Asks for the operation to end; one that has ended stays as it is. */
    public void cancel(String name) {
        call(() -> stub.cancelOperation(CancelOperationRequest.newBuilder().setName(name).build()));
    }

    /** Asks for the task of a request to end, also where its start is still on its way. */
    public void cancelRequest(String type, String requestId, String job) {
        call(() -> tasks.cancelTask(CancelTaskRequest.newBuilder().setType(type).setRequestId(requestId).setJob(job).build()));
    }

    /** Waits up to {@code timeout} (at most 30 s) for the operation to end, and returns where it stands. */
    public Operation poll(String name, Duration timeout) {
        return call(() -> stub.withDeadlineAfter(timeout.toMillis() + 5000, TimeUnit.MILLISECONDS)
                .waitOperation(WaitOperationRequest.newBuilder().setName(name)
                        .setTimeout(com.google.protobuf.Duration.newBuilder().setSeconds(timeout.toSeconds()).setNanos(timeout.toNanosPart()))
                        .build()));
    }

    /** Waits for the operation to end, however long its service is away meanwhile; interruption ends the waiting only. */
    public Operation await(String name) throws InterruptedException {
        while (true) {
            try {
                Operation operation = poll(name, Duration.ofSeconds(WAIT_SECONDS));
                if (operation.getDone()) {
                    return operation;
                }
            } catch (KogataException e) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                if (e.reason() != Reason.UNAVAILABLE) {
                    throw e;
                }
                TimeUnit.MILLISECONDS.sleep(500);
            }
        }
    }

    /** The result of an operation that is done; its error is thrown. */
    public static <R extends Message> R result(Operation operation, Class<R> type) {
        if (!operation.getDone()) {
            throw new IllegalArgumentException(operation.getName() + " is not done");
        }
        if (operation.hasError()) {
            throw KogataException.of(operation.getError());
        }
        try {
            return operation.getResponse().unpack(type);
        } catch (InvalidProtocolBufferException e) {
            throw new KogataException(Reason.INTERNAL, operation.getName() + " has a result of an unexpected type.",
                    Map.of("name", operation.getName()), e);
        }
    }

    /** The metadata of a task's operation. */
    public static TaskMetadata metadata(Operation operation) {
        try {
            return operation.getMetadata().unpack(TaskMetadata.class);
        } catch (InvalidProtocolBufferException e) {
            throw new KogataException(Reason.INTERNAL, operation.getName() + " has metadata of an unexpected type.",
                    Map.of("name", operation.getName()), e);
        }
    }
}
