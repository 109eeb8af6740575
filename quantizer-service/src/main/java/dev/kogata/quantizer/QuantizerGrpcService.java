package dev.kogata.quantizer;

import com.google.longrunning.Operation;
import dev.kogata.kit.artifact.Artifacts;
import dev.kogata.kit.error.KogataException;
import dev.kogata.kit.task.TaskBoard;
import dev.kogata.quantizer.v1.CalibrateCacheRequest;
import dev.kogata.quantizer.v1.MeasureCacheSensitivityRequest;
import dev.kogata.quantizer.v1.QuantizerServiceGrpc.QuantizerServiceImplBase;
import dev.kogata.quantizer.v1.WriteBundleRequest;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.inject.Named;

/** Checks requests and records them as tasks; workers do them. */
@GrpcService
@Blocking
public class QuantizerGrpcService extends QuantizerServiceImplBase {
    private final TaskBoard board;

    @Inject
    QuantizerGrpcService(@Named("quantizer") TaskBoard board) {
        this.board = board;
    }

    @Override
    public void calibrateCache(CalibrateCacheRequest request, StreamObserver<Operation> answer) {
        Artifacts.checked(request.getModel(), "model");
        Artifacts.checked(request.getSamples().getSamples(), "samples");
        Artifacts.checked(request.getSamples().getReference(), "reference");
        answer.onNext(board.start(request.getRequestId(), request.getJob(), request));
        answer.onCompleted();
    }

    @Override
    public void measureCacheSensitivity(MeasureCacheSensitivityRequest request, StreamObserver<Operation> answer) {
        Artifacts.checked(request.getModel(), "model");
        Artifacts.checked(request.getCalibration(), "calibration");
        Artifacts.checked(request.getSamples().getSamples(), "samples");
        Artifacts.checked(request.getSamples().getReference(), "reference");
        if (request.getMaximumConversations() < 0) {
            throw KogataException.invalid("maximum_conversations", "'maximum_conversations' is %d; give a positive number, or 0 for all.".formatted(request.getMaximumConversations()));
        }
        answer.onNext(board.start(request.getRequestId(), request.getJob(), request));
        answer.onCompleted();
    }

    @Override
    public void writeBundle(WriteBundleRequest request, StreamObserver<Operation> answer) {
        Artifacts.checked(request.getModel(), "model");
        Artifacts.checked(request.getWeights(), "weights");
        Artifacts.checked(request.getCalibration(), "calibration");
        if (request.getWorkload().getBatch() < 1 || request.getWorkload().getContext() < 1) {
            throw KogataException.invalid("workload", "'workload' needs at least one sequence and one token.");
        }
        answer.onNext(board.start(request.getRequestId(), request.getJob(), request));
        answer.onCompleted();
    }
}
