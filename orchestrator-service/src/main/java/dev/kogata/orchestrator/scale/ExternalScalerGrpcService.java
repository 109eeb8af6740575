package dev.kogata.orchestrator.scale;

import dev.kogata.kit.error.Incident;
import dev.kogata.kit.error.KogataException;
import externalscaler.ExternalScalerGrpc.ExternalScalerImplBase;
import externalscaler.GetMetricSpecResponse;
import externalscaler.GetMetricsRequest;
import externalscaler.GetMetricsResponse;
import externalscaler.IsActiveResponse;
import externalscaler.MetricSpec;
import externalscaler.MetricValue;
import externalscaler.ScaledObjectRef;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import io.smallrye.common.annotation.Blocking;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Inject;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * KEDA's external scaler. A trigger's metadata has {@code taskType} and may have {@code tasksPerWorker}. What it measures are the tasks
 * that wait and those that are held, from which KEDA's strategy {@code default} takes the Jobs that have not ended: a worker that is
 * just starting is counted once. Open to whoever reaches the port, since KEDA has no token of the mesh; it tells numbers only.
 */
@GrpcService
@Blocking
public class ExternalScalerGrpcService extends ExternalScalerImplBase {
    private static final long LOOK_MILLIS = 1000;

    private final WorkLoad load;
    /** Counting calls other services, which in the embedded mesh would answer on the very thread that asks. */
    private final ExecutorService threads = Executors.newCachedThreadPool(named("scaler"));
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(named("scaler-clock"));

    @Inject
    ExternalScalerGrpcService(WorkLoad load) {
        this.load = load;
    }

    @Override
    public void isActive(ScaledObjectRef asked, StreamObserver<IsActiveResponse> answer) {
        answer(answer, () -> active(load.waits(type(asked))));
    }

    @Override
    public void streamIsActive(ScaledObjectRef asked, StreamObserver<IsActiveResponse> answer) {
        ServerCallStreamObserver<IsActiveResponse> caller = (ServerCallStreamObserver<IsActiveResponse>) answer;
        caller.setOnCancelHandler(() -> { });
        threads.execute(() -> look(type(asked), caller, null));
    }

    /** Tells what is new, and looks again after a while. */
    private void look(String type, ServerCallStreamObserver<IsActiveResponse> caller, Boolean before) {
        if (caller.isCancelled()) {
            return;
        }
        try {
            boolean now = load.waits(type);
            if (before == null || before != now) {
                caller.onNext(active(now));
            }
            clock.schedule(() -> threads.execute(() -> look(type, caller, now)), LOOK_MILLIS, TimeUnit.MILLISECONDS);
        } catch (RuntimeException e) {
            caller.onError(Incident.of(e).toGrpc());
        }
    }

    @Override
    public void getMetricSpec(ScaledObjectRef asked, StreamObserver<GetMetricSpecResponse> answer) {
        long each = tasksPerWorker(asked);
        answer.onNext(GetMetricSpecResponse.newBuilder()
                .addMetricSpecs(MetricSpec.newBuilder().setMetricName(metric(asked)).setTargetSize(each).setTargetSizeFloat(each)).build());
        answer.onCompleted();
    }

    @Override
    public void getMetrics(GetMetricsRequest request, StreamObserver<GetMetricsResponse> answer) {
        answer(answer, () -> {
            long wanted = load.wanted(type(request.getScaledObjectRef()));
            return GetMetricsResponse.newBuilder().addMetricValues(MetricValue.newBuilder().setMetricName(metric(request.getScaledObjectRef()))
                    .setMetricValue(wanted).setMetricValueFloat(wanted)).build();
        });
    }

    @PreDestroy
    void close() {
        clock.shutdownNow();
        threads.shutdownNow();
    }

    private <A> void answer(StreamObserver<A> caller, Supplier<A> answer) {
        ((ServerCallStreamObserver<A>) caller).setOnCancelHandler(() -> { });
        threads.execute(() -> {
            A found;
            try {
                found = answer.get();
            } catch (RuntimeException e) {
                caller.onError(Incident.of(e).toGrpc());
                return;
            }
            caller.onNext(found);
            caller.onCompleted();
        });
    }

    private static IsActiveResponse active(boolean active) {
        return IsActiveResponse.newBuilder().setResult(active).build();
    }

    private static String metric(ScaledObjectRef asked) {
        return "kogata-tasks-" + type(asked);
    }

    private static String type(ScaledObjectRef asked) {
        return asked.getScalerMetadataOrDefault("taskType", "");
    }

    private static long tasksPerWorker(ScaledObjectRef asked) {
        String text = asked.getScalerMetadataOrDefault("tasksPerWorker", "1");
        if (!text.matches("[1-9][0-9]{0,5}")) {
            throw KogataException.invalid("tasksPerWorker", "'tasksPerWorker' must be a whole number from 1 to 999999.");
        }
        return Long.parseLong(text);
    }

    private static ThreadFactory named(String name) {
        return work -> {
            Thread thread = new Thread(work, name);
            thread.setDaemon(true);
            return thread;
        };
    }
}
