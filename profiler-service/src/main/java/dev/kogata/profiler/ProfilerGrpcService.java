package dev.kogata.profiler;

import com.google.longrunning.Operation;
import dev.kogata.kit.artifact.Artifacts;
import dev.kogata.kit.error.KogataException;
import dev.kogata.kit.task.TaskBoard;
import dev.kogata.profiler.v1.InspectDatasetRequest;
import dev.kogata.profiler.v1.InspectDatasetResponse;
import dev.kogata.profiler.v1.InspectModelRequest;
import dev.kogata.profiler.v1.InspectModelResponse;
import dev.kogata.profiler.v1.ProfileModelRequest;
import dev.kogata.profiler.v1.ProfilerServiceGrpc.ProfilerServiceImplBase;
import dev.kogata.profiler.v1.SampleModelRequest;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.inject.Named;

/** Scans models and datasets at once; records the rest as tasks, which workers do. */
@GrpcService
@Blocking
public class ProfilerGrpcService extends ProfilerServiceImplBase {
    private final Inspector inspector;
    private final TaskBoard board;

    @Inject
    ProfilerGrpcService(Inspector inspector, @Named("profiler") TaskBoard board) {
        this.inspector = inspector;
        this.board = board;
    }

    @Override
    public void inspectModel(InspectModelRequest request, StreamObserver<InspectModelResponse> answer) {
        Artifacts.checked(request.getModel(), "model");
        answer.onNext(InspectModelResponse.newBuilder().setInspection(inspector.model(request.getModel())).build());
        answer.onCompleted();
    }

    @Override
    public void inspectDataset(InspectDatasetRequest request, StreamObserver<InspectDatasetResponse> answer) {
        Artifacts.checked(request.getDataset(), "dataset");
        answer.onNext(InspectDatasetResponse.newBuilder().setInspection(inspector.dataset(request.getDataset())).build());
        answer.onCompleted();
    }

    @Override
    public void profileModel(ProfileModelRequest request, StreamObserver<Operation> answer) {
        Artifacts.checked(request.getModel(), "model");
        Artifacts.checked(request.getCalibration(), "calibration");
        answer.onNext(board.start(request.getRequestId(), request.getJob(), request));
        answer.onCompleted();
    }

    @Override
    public void sampleModel(SampleModelRequest request, StreamObserver<Operation> answer) {
        Artifacts.checked(request.getModel(), "model");
        if (request.getConversations() < 1) {
            throw KogataException.invalid("conversations", "The field conversations is " + request.getConversations() + "; give a number from 1 on.");
        }
        answer.onNext(board.start(request.getRequestId(), request.getJob(), request));
        answer.onCompleted();
    }
}
