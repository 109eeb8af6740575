package dev.kogata.pruner;

import com.google.longrunning.Operation;
import dev.kogata.core.RefusedInput;
import dev.kogata.core.budget.VersionGrid;
import dev.kogata.kit.artifact.Artifacts;
import dev.kogata.kit.error.KogataException;
import dev.kogata.kit.task.TaskBoard;
import dev.kogata.pruner.v1.BuildElasticWeightsRequest;
import dev.kogata.pruner.v1.FinalPass;
import dev.kogata.pruner.v1.PruneWeightsRequest;
import dev.kogata.pruner.v1.PrunerServiceGrpc.PrunerServiceImplBase;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.util.List;

/** Checks requests and records them as tasks; workers do them. */
@GrpcService
@Blocking
public class PrunerGrpcService extends PrunerServiceImplBase {
    private final TaskBoard board;

    @Inject
    PrunerGrpcService(@Named("pruner") TaskBoard board) {
        this.board = board;
    }

    @Override
    public void buildElasticWeights(BuildElasticWeightsRequest request, StreamObserver<Operation> answer) {
        Artifacts.checked(request.getModel(), "model");
        Artifacts.checked(request.getStatistics(), "statistics");
        checkMethod(request.getMethod());
        if (PruneMessages.asksForBank(request)) {
            Artifacts.checked(request.getSamples().getSamples(), "samples");
            checkSteps(request.getStepsList());
        }
        answer.onNext(board.start(request.getRequestId(), request.getJob(), request));
        answer.onCompleted();
    }

    @Override
    public void pruneWeights(PruneWeightsRequest request, StreamObserver<Operation> answer) {
        Artifacts.checked(request.getModel(), "model");
        Artifacts.checked(request.getElastic(), "elastic");
        checkMethod(request.getMethod());
        switch (request.getFinalPass()) {
            case AS_SEARCHED -> { }
            case SEQUENTIAL, SEQUENTIAL_REPAIRED -> Artifacts.checked(request.getSamples().getSamples(), "samples");
            case FINAL_PASS_UNSPECIFIED, UNRECOGNIZED -> throw KogataException.invalid("final_pass", "'final_pass' must be AS_SEARCHED, SEQUENTIAL or SEQUENTIAL_REPAIRED.");
        }
        answer.onNext(board.start(request.getRequestId(), request.getJob(), request));
        answer.onCompleted();
    }

    private static void checkSteps(List<Integer> steps) {
        try {
            if (new VersionGrid(steps).versions() < 2) {
                throw KogataException.invalid("steps", "A bank needs two versions at least, but 'steps' names only one.");
            }
        } catch (IllegalArgumentException e) {
            throw KogataException.invalid("steps", "'steps' must ascend from 0 to at most 254, but is " + steps + ".");
        }
    }

    private static void checkMethod(String method) {
        try {
            PruneMessages.ranking(method);
        } catch (RefusedInput e) {
            throw KogataException.invalid("method", e.getMessage());
        }
    }
}
