package dev.kogata.evaluator;

import com.google.longrunning.Operation;
import dev.kogata.evaluator.v1.EvaluateBundleRequest;
import dev.kogata.evaluator.v1.EvaluatePlanRequest;
import dev.kogata.evaluator.v1.EvaluatorServiceGrpc.EvaluatorServiceImplBase;
import dev.kogata.evaluator.v1.VerifyResultRequest;
import dev.kogata.kit.artifact.Artifacts;
import dev.kogata.kit.task.TaskBoard;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.inject.Named;

/** Checks requests and records them as tasks; workers do them. */
@GrpcService
@Blocking
public class EvaluatorGrpcService extends EvaluatorServiceImplBase {
    private final TaskBoard board;

    @Inject
    EvaluatorGrpcService(@Named("evaluator") TaskBoard board) {
        this.board = board;
    }

    @Override
    public void evaluatePlan(EvaluatePlanRequest request, StreamObserver<Operation> answer) {
        Artifacts.checked(request.getModel(), "model");
        Artifacts.checked(request.getElastic(), "elastic");
        Artifacts.checked(request.getCalibration(), "calibration");
        Artifacts.checked(request.getSamples().getSamples(), "samples.samples");
        Artifacts.checked(request.getSamples().getReference(), "samples.reference");
        answer.onNext(board.start(request.getRequestId(), request.getJob(), request));
        answer.onCompleted();
    }

    @Override
    public void evaluateBundle(EvaluateBundleRequest request, StreamObserver<Operation> answer) {
        Artifacts.checked(request.getFiles(), "files");
        Artifacts.checked(request.getModel(), "model");
        Artifacts.checked(request.getSamples().getSamples(), "samples.samples");
        Artifacts.checked(request.getSamples().getReference(), "samples.reference");
        answer.onNext(board.start(request.getRequestId(), request.getJob(), request));
        answer.onCompleted();
    }

    @Override
    public void verifyResult(VerifyResultRequest request, StreamObserver<Operation> answer) {
        Artifacts.checked(request.getFiles(), "files");
        Artifacts.checked(request.getModel(), "model");
        Artifacts.checked(request.getHeldout().getSamples(), "heldout.samples");
        Artifacts.checked(request.getSelection().getSamples(), "selection.samples");
        answer.onNext(board.start(request.getRequestId(), request.getJob(), request));
        answer.onCompleted();
    }
}
