package dev.kogata.orchestrator.flow;

import com.google.protobuf.Message;
import dev.kogata.common.v1.Artifact;
import dev.kogata.common.v1.DatasetInspection;
import dev.kogata.common.v1.Inspection;
import dev.kogata.evaluator.v1.EvaluatorServiceGrpc;
import dev.kogata.evaluator.v1.EvaluatorServiceGrpc.EvaluatorServiceBlockingStub;
import dev.kogata.kit.error.KogataException;
import dev.kogata.kit.grpc.OperationClient;
import dev.kogata.kit.tenant.Tenant;
import dev.kogata.profiler.v1.InspectDatasetRequest;
import dev.kogata.profiler.v1.InspectModelRequest;
import dev.kogata.profiler.v1.ProfilerServiceGrpc;
import dev.kogata.profiler.v1.ProfilerServiceGrpc.ProfilerServiceBlockingStub;
import dev.kogata.pruner.v1.PrunerServiceGrpc;
import dev.kogata.pruner.v1.PrunerServiceGrpc.PrunerServiceBlockingStub;
import dev.kogata.quantizer.v1.QuantizerServiceGrpc;
import dev.kogata.quantizer.v1.QuantizerServiceGrpc.QuantizerServiceBlockingStub;
import dev.kogata.tasks.v1.CountTasksRequest;
import dev.kogata.tasks.v1.EndWorkerRequest;
import dev.kogata.tasks.v1.TaskCount;
import dev.kogata.tasks.v1.TaskQueueServiceGrpc;
import dev.kogata.tasks.v1.TaskQueueServiceGrpc.TaskQueueServiceBlockingStub;
import dev.kogata.tasks.v1.WorkerEndCause;
import io.grpc.Channel;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.stub.AbstractStub;
import io.grpc.stub.MetadataUtils;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The four services that do a job's work, and their operations. All errors are {@link KogataException}s. Thread-safe. */
public final class Workers {

    /** Reading a large bundle or dataset whole takes longer than other calls. */
    private static final int INSPECT_MINUTES = 10;
    private static final String REQUESTS = "/requests/";
    /** Type of the tasks whose results are in a contract. */
    private static final Map<String, String> TYPES = Map.of(ProfilerServiceGrpc.class.getPackageName(), "profile", PrunerServiceGrpc.class.getPackageName(), "prune",
            QuantizerServiceGrpc.class.getPackageName(), "quantize", EvaluatorServiceGrpc.class.getPackageName(), "evaluate");
    private static final int ANSWER_SECONDS = 5;

    private final ProfilerServiceBlockingStub profiler;
    private final PrunerServiceBlockingStub pruner;
    private final QuantizerServiceBlockingStub quantizer;
    private final EvaluatorServiceBlockingStub evaluator;
    /** By the first part of an operation's name. */
    private final Map<String, OperationClient> operations;
    /** By type of task. */
    private final Map<String, TaskQueueServiceBlockingStub> queues;

    /** The services as these channels reach them; the channels stay the caller's. */
    public Workers(Channel profiler, Channel pruner, Channel quantizer, Channel evaluator) {
        this.profiler = ProfilerServiceGrpc.newBlockingStub(profiler);
        this.pruner = PrunerServiceGrpc.newBlockingStub(pruner);
        this.quantizer = QuantizerServiceGrpc.newBlockingStub(quantizer);
        this.evaluator = EvaluatorServiceGrpc.newBlockingStub(evaluator);
        this.operations = Map.of("profile", new OperationClient(profiler), "prune", new OperationClient(pruner),
                "quantize", new OperationClient(quantizer), "evaluate", new OperationClient(evaluator));
        this.queues = Map.of("profile", TaskQueueServiceGrpc.newBlockingStub(profiler), "prune", TaskQueueServiceGrpc.newBlockingStub(pruner),
                "quantize", TaskQueueServiceGrpc.newBlockingStub(quantizer), "evaluate", TaskQueueServiceGrpc.newBlockingStub(evaluator));
    }

    /** The same for the jobs of one tenant, which the services hear. */
    Workers of(String tenant) {
        ClientInterceptor says = MetadataUtils.newAttachHeadersInterceptor(Tenant.header(tenant));
        return new Workers(says(profiler, says), says(pruner, says), says(quantizer, says), says(evaluator, says));
    }

    private static Channel says(AbstractStub<?> stub, ClientInterceptor tenant) {
        return ClientInterceptors.intercept(stub.getChannel(), tenant);
    }

    /** What a bounded scan finds in a bundle. */
    public Inspection inspectModel(Artifact manifest) {
        return OperationClient.call(() -> profiler.withDeadlineAfter(INSPECT_MINUTES, TimeUnit.MINUTES)
                .inspectModel(InspectModelRequest.newBuilder().setModel(manifest).build())).getInspection();
    }

    /** What reading a dataset whole finds. */
    public DatasetInspection inspectDataset(Artifact manifest) {
        return OperationClient.call(() -> profiler.withDeadlineAfter(INSPECT_MINUTES, TimeUnit.MINUTES)
                .inspectDataset(InspectDatasetRequest.newBuilder().setDataset(manifest).build())).getInspection();
    }

    /** Tasks of a type that wait and that workers hold, as the service that has them says. */
    public TaskCount count(String type) {
        return OperationClient.call(() -> queues.get(type).withDeadlineAfter(ANSWER_SECONDS, TimeUnit.SECONDS)
                .countTasks(CountTasksRequest.newBuilder().addTypes(type).build())).getCounts(0);
    }

    /** Tells the service whose tasks a worker does that the worker is gone; returns the names of the tasks that it held. */
    public List<String> endWorker(String type, String worker, WorkerEndCause cause, String detail) {
        return OperationClient.call(() -> queues.get(type).withDeadlineAfter(ANSWER_SECONDS, TimeUnit.SECONDS)
                .endWorker(EndWorkerRequest.newBuilder().setWorker(worker).setCause(cause).setDetail(detail).build())).getTasksList();
    }

    ProfilerServiceBlockingStub profiler() {
        return profiler;
    }

    PrunerServiceBlockingStub pruner() {
        return pruner;
    }

    QuantizerServiceBlockingStub quantizer() {
        return quantizer;
    }

    EvaluatorServiceBlockingStub evaluator() {
        return evaluator;
    }

    /** What stands for the task that a request id starts, as {@link #end} takes it. */
    static String request(Class<? extends Message> result, String requestId) {
        String type = TYPES.get(result.getPackageName());
        if (type == null) {
            throw new IllegalArgumentException("no service gives a " + result.getSimpleName());
        }
        return type + REQUESTS + requestId;
    }

    /** Ends the task of an operation, or of a request that may still be on its way. */
    void end(String work, String job) {
        int requests = work.indexOf(REQUESTS);
        if (requests < 0) {
            operations(work).cancel(work);
        } else {
            operations(work).cancelRequest(work.substring(0, requests), work.substring(requests + REQUESTS.length()), job);
        }
    }

    OperationClient operations(String operation) {
        String type = operation.substring(0, Math.max(0, operation.indexOf('/')));
        OperationClient client = operations.get(type);
        if (client == null) {
            throw new IllegalArgumentException("no service is known for the operation " + operation);
        }
        return client;
    }
}
