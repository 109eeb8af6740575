package dev.kogata.kit.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.longrunning.DeleteOperationRequest;
import com.google.longrunning.Operation;
import com.google.longrunning.OperationsGrpc;
import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.protobuf.StringValue;
import dev.kogata.common.v1.Reason;
import dev.kogata.kit.config.KogataConfig;
import dev.kogata.kit.error.KogataException;
import dev.kogata.kit.grpc.Channels;
import dev.kogata.kit.grpc.OperationClient;
import dev.kogata.tasks.v1.ClaimTaskRequest;
import dev.kogata.tasks.v1.ClaimTaskResponse;
import dev.kogata.tasks.v1.FinishTaskRequest;
import dev.kogata.tasks.v1.HeartbeatTaskRequest;
import dev.kogata.tasks.v1.Task;
import dev.kogata.tasks.v1.TaskQueueServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Needs Quarkus, because it is about what Quarkus does with the kit: finds its services, runs its interceptor, migrates. */
@QuarkusTest
@TestProfile(TwoBoards.class)
class TasksInQuarkusTest {
    @Inject
    @Named("profile")
    TaskBoard profile;

    @Inject
    @Named("prune")
    TaskBoard prune;

    @Inject
    KogataConfig config;

    @ConfigProperty(name = "quarkus.grpc.server.test-port")
    int port;

    private ManagedChannel channel;

    @BeforeEach
    void connect() {
        channel = Channels.open("127.0.0.1:" + port, config.grpc());
    }

    @AfterEach
    void disconnect() {
        channel.shutdownNow();
    }

    @Test
    void handsTasksToWorkersAndResultsToWhoeverWaits() throws Exception {
        Operation started = start(profile, "a");
        CompletableFuture<Operation> waiter = CompletableFuture.supplyAsync(() -> {
            try {
                return new OperationClient(channel).await(started.getName());
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        Task task = claim(List.of("profile"), 5).getTask();
        assertThat(task.getName()).isEqualTo(started.getName());
        queue().finishTask(FinishTaskRequest.newBuilder().setName(task.getName()).setFence(task.getFence())
                .setResult(Any.pack(StringValue.of("done"))).build());
        assertThat(OperationClient.result(waiter.get(10, TimeUnit.SECONDS), StringValue.class).getValue()).isEqualTo("done");
    }

    @Test
    void answersAClaimAsSoonAsATaskIsStarted() throws Exception {
        CompletableFuture<ClaimTaskResponse> waiting = CompletableFuture.supplyAsync(() -> claim(List.of("profile", "prune"), 20));
        Operation started = start(prune, "late");
        ClaimTaskResponse answer = waiting.get(10, TimeUnit.SECONDS);
        assertThat(answer.getTask().getName()).isEqualTo(started.getName());
        new OperationClient(channel).cancel(started.getName());
        assertThat(queue().heartbeatTask(HeartbeatTaskRequest.newBuilder().setName(started.getName())
                .setFence(answer.getTask().getFence()).build()).getCancelled()).isTrue();
    }

    @Test
    void answersAnEmptyClaimWhenNothingComes() {
        assertThat(claim(List.of("profile"), 0).hasTask()).isFalse();
    }

    @Test
    void saysWhatIsWrongWithOneReason() {
        assertThat(refusal(() -> new OperationClient(channel).get("profile/operations/none")).reason()).isEqualTo(Reason.NOT_FOUND);
        assertThat(refusal(() -> new OperationClient(channel).get("nonsense")).reason()).isEqualTo(Reason.NOT_FOUND);
        assertThat(refusal(() -> OperationClient.call(() -> claim(List.of("bake"), 1))).reason()).isEqualTo(Reason.ARGUMENT_INVALID);
    }

    @Test
    void neverShowsTheTextOfAnUnplannedError() {
        StatusRuntimeException error = catchThrowableOfType(StatusRuntimeException.class,
                () -> OperationsGrpc.newBlockingStub(channel).deleteOperation(
                        DeleteOperationRequest.newBuilder().setName("broken/operations/x").build()));
        assertThat(error.getStatus().getCode()).isEqualTo(Status.Code.INTERNAL);
        KogataException shown = KogataException.of(error);
        assertThat(shown.reason()).isEqualTo(Reason.INTERNAL);
        assertThat(shown.getMessage()).contains(shown.metadata().get("incident")).doesNotContain("secret").doesNotContain("java");
    }

    private Operation start(TaskBoard board, String text) {
        return board.start(UUID.randomUUID().toString(), "jobs/1", StringValue.of(text));
    }

    private ClaimTaskResponse claim(List<String> types, int seconds) {
        return queue().claimTask(ClaimTaskRequest.newBuilder().addAllTypes(types).setWorker("w")
                .setWait(Duration.newBuilder().setSeconds(seconds)).build());
    }

    private TaskQueueServiceGrpc.TaskQueueServiceBlockingStub queue() {
        return TaskQueueServiceGrpc.newBlockingStub(channel);
    }

    private static KogataException refusal(ThrowingCallable call) {
        KogataException refusal = catchThrowableOfType(KogataException.class, call);
        assertThat(refusal).isNotNull();
        return refusal;
    }
}
