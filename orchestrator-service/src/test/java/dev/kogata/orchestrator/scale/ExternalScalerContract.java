package dev.kogata.orchestrator.scale;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Any;
import com.google.protobuf.StringValue;
import dev.kogata.kit.TestConfig;
import dev.kogata.kit.config.KogataConfig;
import dev.kogata.kit.error.ErrorInterceptor;
import dev.kogata.kit.task.TaskBoard;
import dev.kogata.kit.task.TestTaskApi;
import dev.kogata.kit.tenant.MeshInterceptor;
import dev.kogata.orchestrator.flow.Workers;
import dev.kogata.tasks.v1.Task;
import externalscaler.ExternalScalerGrpc;
import externalscaler.ExternalScalerGrpc.ExternalScalerBlockingStub;
import externalscaler.GetMetricsRequest;
import externalscaler.IsActiveResponse;
import externalscaler.MetricSpec;
import externalscaler.MetricValue;
import externalscaler.ScaledObjectRef;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyServerBuilder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Asked as KEDA's operator asks, over a connection without the mesh's token; the tasks are in real tables of real services. */
abstract class ExternalScalerContract {
    private TestTaskApi services;
    private ManagedChannel toServices;
    private ExternalScalerGrpcService scaler;
    private Server server;
    private ManagedChannel channel;
    private ExternalScalerBlockingStub keda;
    private long waitingBefore;

    abstract Map<String, String> databaseSettings();

    @BeforeEach
    void open() throws Exception {
        Map<String, String> settings = new HashMap<>(databaseSettings());
        settings.put("kogata.task.lease", "PT5M");
        KogataConfig config = TestConfig.with(settings);
        services = new TestTaskApi(config, "profile", "prune", "quantize", "evaluate");
        toServices = services.channel();
        scaler = new ExternalScalerGrpcService(new WorkLoad(new Workers(toServices, toServices, toServices, toServices)::count));
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(ServerInterceptors.intercept(scaler, new ErrorInterceptor(), new MeshInterceptor(Optional.of("a secret")))).build().start();
        channel = ManagedChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext().build();
        keda = ExternalScalerGrpc.newBlockingStub(channel);
        // A database that other tests use, too, may have tasks in it.
        waitingBefore = wanted("evaluate");
    }

    @AfterEach
    void close() throws Exception {
        channel.shutdownNow();
        server.shutdownNow().awaitTermination();
        scaler.close();
        toServices.shutdownNow();
        services.close();
    }

    @Test
    void countsTasksThatWaitAndTasksThatAreHeldUntilTheyEnd() {
        TaskBoard board = services.board("evaluate");
        for (int i = 0; i < 3; i++) {
            start("evaluate");
        }
        assertThat(wanted("evaluate")).as("three workers are needed").isEqualTo(waitingBefore + 3);
        Task first = board.claim("w").orElseThrow();
        assertThat(wanted("evaluate")).as("one that works is still needed: KEDA takes the Jobs that exist off this number").isEqualTo(waitingBefore + 3);
        board.finish(first.getName(), first.getFence(), Any.pack(StringValue.of("done")));
        assertThat(wanted("evaluate")).isEqualTo(waitingBefore + 2);
        Task second = board.claim("w").orElseThrow();
        board.cancel(second.getName());
        assertThat(wanted("evaluate")).isEqualTo(waitingBefore + 1);
    }

    @Test
    void isActiveOnlyWhileATaskOfThisTypeWaits() {
        boolean before = active("quantize");
        String name = start("prune");
        assertThat(active("quantize")).as("a task of another type").isEqualTo(before);
        assertThat(active("prune")).isTrue();
        services.board("prune").claim("w").orElseThrow();
        services.board("prune").cancel(name);
        Optional<Task> other = services.board("prune").claim("w");
        while (other.isPresent()) {
            other = services.board("prune").claim("w");
        }
        assertThat(active("prune")).as("what is held does not wait").isFalse();
    }

    @Test
    void tellsChangesToWhoeverListens() {
        TaskBoard board = services.board("profile");
        while (board.claim("w").isPresent()) {
            // Whatever was left here is not waiting any more.
        }
        Iterator<IsActiveResponse> changes = keda.streamIsActive(asked("profile", "1"));
        assertThat(changes.next().getResult()).isFalse();
        start("profile");
        assertThat(changes.next().getResult()).isTrue();
        board.claim("w").orElseThrow();
        assertThat(changes.next().getResult()).isFalse();
    }

    @Test
    void oneWorkerIsForAsManyTasksAsItsBatchHas() {
        MetricSpec spec = keda.getMetricSpec(asked("evaluate", "16")).getMetricSpecs(0);
        assertThat(spec.getTargetSize()).isEqualTo(16);
        assertThat(spec.getTargetSizeFloat()).isEqualTo(16);
        assertThat(keda.getMetricSpec(ScaledObjectRef.newBuilder().putScalerMetadata("taskType", "evaluate").build()).getMetricSpecs(0).getTargetSize()).isEqualTo(1);
    }

    @Test
    void refusesWhatItCannotCount() {
        assertThat(refused("bake", "1").getStatus()).satisfies(status -> {
            assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
            assertThat(status.getDescription()).contains("taskType").contains("evaluate");
        });
        assertThat(catchThrowableOfType(StatusRuntimeException.class, () -> keda.getMetricSpec(asked("evaluate", "none"))).getStatus().getDescription()).contains("tasksPerWorker");
    }

    @Test
    void givesAnErrorAndNoNumberWhileAServiceIsAway() {
        services.down();
        assertThat(refused("evaluate", "1").getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    }

    private StatusRuntimeException refused(String type, String each) {
        return catchThrowableOfType(StatusRuntimeException.class, () -> keda.getMetrics(GetMetricsRequest.newBuilder().setScaledObjectRef(asked(type, each)).build()));
    }

    private long wanted(String type) {
        MetricSpec spec = keda.getMetricSpec(asked(type, "1")).getMetricSpecs(0);
        MetricValue value = keda.getMetrics(GetMetricsRequest.newBuilder().setScaledObjectRef(asked(type, "1")).setMetricName(spec.getMetricName()).build()).getMetricValues(0);
        assertThat(value.getMetricName()).isEqualTo(spec.getMetricName());
        assertThat(value.getMetricValueFloat()).isEqualTo(value.getMetricValue());
        return value.getMetricValue();
    }

    private boolean active(String type) {
        return keda.isActive(asked(type, "1")).getResult();
    }

    private static ScaledObjectRef asked(String type, String each) {
        return ScaledObjectRef.newBuilder().setName("workers").setNamespace("kogata").putScalerMetadata("taskType", type).putScalerMetadata("tasksPerWorker", each)
                .putScalerMetadata("scalerAddress", "orchestrator:9000").build();
    }

    private String start(String type) {
        return services.board(type).start(UUID.randomUUID().toString(), "jobs/1", StringValue.of("x")).getName();
    }
}
