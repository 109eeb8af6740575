package dev.kogata.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.longrunning.CancelOperationRequest;
import com.google.longrunning.DeleteOperationRequest;
import com.google.longrunning.GetOperationRequest;
import com.google.longrunning.ListOperationsRequest;
import com.google.longrunning.OperationsGrpc;
import com.google.longrunning.OperationsGrpc.OperationsBlockingStub;
import com.google.longrunning.WaitOperationRequest;
import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import dev.kogata.common.v1.Artifact;
import dev.kogata.common.v1.Budget;
import dev.kogata.common.v1.Reason;
import dev.kogata.gateway.RestClient.Answer;
import dev.kogata.gateway.v1.CreateDatasetRequest;
import dev.kogata.gateway.v1.CreateModelRequest;
import dev.kogata.gateway.v1.CreateUploadRequest;
import dev.kogata.gateway.v1.DeleteUploadRequest;
import dev.kogata.gateway.v1.GatewayServiceGrpc;
import dev.kogata.gateway.v1.GatewayServiceGrpc.GatewayServiceBlockingStub;
import dev.kogata.gateway.v1.GetJobRequest;
import dev.kogata.gateway.v1.GetUploadRequest;
import dev.kogata.gateway.v1.ReadResultFileRequest;
import dev.kogata.gateway.v1.Upload;
import dev.kogata.gateway.v1.WriteUploadRequest;
import dev.kogata.kit.artifact.ArtifactStore;
import dev.kogata.kit.artifact.Artifacts;
import dev.kogata.kit.artifact.Manifests;
import dev.kogata.kit.error.ErrorCode;
import dev.kogata.kit.error.KogataException;
import dev.kogata.orchestrator.v1.CancelJobRequest;
import dev.kogata.orchestrator.v1.ContinueJobRequest;
import dev.kogata.orchestrator.v1.CreateJobRequest;
import dev.kogata.orchestrator.v1.DeleteDatasetRequest;
import dev.kogata.orchestrator.v1.DeleteJobRequest;
import dev.kogata.orchestrator.v1.DeleteModelRequest;
import dev.kogata.orchestrator.v1.EstimateJobRequest;
import dev.kogata.orchestrator.v1.GetDatasetRequest;
import dev.kogata.orchestrator.v1.GetJobResultRequest;
import dev.kogata.orchestrator.v1.GetModelRequest;
import dev.kogata.orchestrator.v1.JobRequest;
import dev.kogata.orchestrator.v1.JobResult;
import dev.kogata.orchestrator.v1.ListDatasetsRequest;
import dev.kogata.orchestrator.v1.ListJobsRequest;
import dev.kogata.orchestrator.v1.ListModelsRequest;
import dev.kogata.orchestrator.v1.WatchJobRequest;
import dev.kogata.orchestrator.v1.WhatIfRequest;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The two doors of the gateway refuse the same things for the same reasons, method by method. */
@QuarkusTest
@QuarkusTestResource(GatewayUnderTest.class)
class SameReasonsTest {
    private static final String LONG_KEY = "k".repeat(256);

    /** One bad request, at both doors. */
    private record Pair(String method, Reason reason, Supplier<Answer> rest, Runnable grpc) {}

    @TestHTTPResource("/")
    URI base;
    @ConfigProperty(name = "quarkus.grpc.server.test-port")
    int port;
    @Inject
    @GrpcService
    FakeOrchestrator orchestrator;
    @Inject
    ArtifactStore store;
    private final List<Pair> pairs = new ArrayList<>();
    private RestClient rest;
    private ManagedChannel channel;
    private GatewayServiceBlockingStub gateway;
    private OperationsBlockingStub operations;

    @BeforeEach
    void connect() {
        rest = new RestClient(base);
        channel = NettyChannelBuilder.forAddress("localhost", port).usePlaintext().build();
        gateway = GatewayServiceGrpc.newBlockingStub(channel);
        operations = OperationsGrpc.newBlockingStub(channel);
    }

    @AfterEach
    void disconnect() {
        orchestrator.refuse(null);
        channel.shutdownNow();
    }

    @Test
    void everyMethodRefusesAtBothDoorsForTheSameReason() {
        uploads();
        models();
        datasets();
        jobs();
        results();
        jobsAsOperations();
        for (Pair pair : pairs) {
            String what = pair.method() + " " + pair.reason();
            Answer answer = pair.rest().get();
            // An answer to HEAD has no body.
            assertThat(answer.status()).as(what + " by REST: " + answer.text()).isEqualTo(ErrorCode.of(pair.reason()).http());
            if (answer.body().length > 0) {
                assertThat(answer.reason()).as(what + " by REST").isEqualTo(pair.reason().name());
            }
            assertThat(reason(pair.grpc())).as(what + " by gRPC").isEqualTo(pair.reason());
        }
        Set<String> covered = pairs.stream().map(Pair::method).collect(Collectors.toCollection(TreeSet::new));
        covered.add("GetUsage"); // Asks for nothing that could be refused; who may ask at all, IdentityTest shows.
        assertThat(Stream.of(GatewayServiceGrpc.getServiceDescriptor().getMethods(), OperationsGrpc.getServiceDescriptor().getMethods()).flatMap(Collection::stream)
            .map(MethodDescriptor::getBareMethodName)).as("a new method belongs into this test").containsExactlyInAnyOrderElementsOf(covered);
    }

    @Test
    void whatTheOrchestratorRefusesPassesBothDoorsUnchanged() {
        orchestrator.refuse(new KogataException(Reason.BUDGET_UNREACHABLE, "Too small."));
        JobRequest request = JobRequest.newBuilder().setModel("models/m").setBudget(Budget.newBuilder().setRatio(0.5)).build();
        String json = "{\"model\":\"models/m\",\"budget\":{\"ratio\":0.5}}";
        assertThat(rest.post("/v1/jobs", json).reason()).isEqualTo("BUDGET_UNREACHABLE");
        assertThat(reason(() -> gateway.createJob(CreateJobRequest.newBuilder().setJob(request).build()))).isEqualTo(Reason.BUDGET_UNREACHABLE);
        assertThat(rest.post("/v1/jobs:estimate", json).reason()).isEqualTo("BUDGET_UNREACHABLE");
        assertThat(reason(() -> gateway.estimateJob(EstimateJobRequest.newBuilder().setJob(request).build()))).isEqualTo(Reason.BUDGET_UNREACHABLE);
        assertThat(rest.get("/v1/jobs/x/what-if?budget=0.1").reason()).isEqualTo("BUDGET_UNREACHABLE");
        assertThat(reason(() -> gateway.whatIf(WhatIfRequest.newBuilder().setName("jobs/x").setBudget(request.getBudget()).build()))).isEqualTo(Reason.BUDGET_UNREACHABLE);
    }

    private void uploads() {
        refused("CreateUpload", Reason.ARGUMENT_INVALID, () -> rest.create(-1, "a", ""), () -> create(-1, "a", "", ""));
        refused("CreateUpload", Reason.ARGUMENT_INVALID, () -> rest.create(1, "a", "no hash"), () -> create(1, "a", "no hash", ""));
        refused("CreateUpload", Reason.ARCHIVE_INVALID, () -> rest.create(1, "../a", ""), () -> create(1, "../a", "", ""));
        refused("CreateUpload", Reason.LIMIT_EXCEEDED, () -> rest.create(100_000_001, "a", ""), () -> create(100_000_001, "a", "", ""));
        create(7, "a", "", "used");
        refused("CreateUpload", Reason.IDEMPOTENCY_CONFLICT, () -> rest.send("POST", "/v1/uploads", new byte[0], "Tus-Resumable", "1.0.0", "Upload-Length", "8",
            "Idempotency-Key", "used"), () -> create(8, "a", "", "used"));
        refused("GetUpload", Reason.NOT_FOUND, () -> rest.head("/v1/uploads/none"), () -> gateway.getUpload(GetUploadRequest.newBuilder().setName("uploads/none").build()));
        refused("WriteUpload", Reason.NOT_FOUND, () -> rest.patch("/v1/uploads/none", 0, new byte[1]), () -> write("uploads/none", 0, 1));
        String upload = create(4, "a", "", "").getName();
        refused("WriteUpload", Reason.UPLOAD_OFFSET_WRONG, () -> rest.patch("/v1/" + upload, 2, new byte[1]), () -> write(upload, 2, 1));
        refused("WriteUpload", Reason.ARGUMENT_INVALID, () -> rest.patch("/v1/" + upload, 0, new byte[5]), () -> write(upload, 0, 5));
        refused("DeleteUpload", Reason.NOT_FOUND, () -> rest.send("DELETE", "/v1/uploads/none", new byte[0], "Tus-Resumable", "1.0.0"),
            () -> gateway.deleteUpload(DeleteUploadRequest.newBuilder().setName("uploads/none").build()));
    }

    private void models() {
        String unfinished = create(4, "a", "", "").getName();
        CreateModelRequest.Builder model = CreateModelRequest.newBuilder();
        refused("CreateModel", Reason.ARGUMENT_INVALID, () -> made("models", "", "", ""), () -> gateway.createModel(model.build()));
        refused("CreateModel", Reason.ARGUMENT_INVALID, () -> made("models", "models/x", "", ""), () -> gateway.createModel(model.clone().addUploads("models/x").build()));
        refused("CreateModel", Reason.NOT_FOUND, () -> made("models", "uploads/none", "", ""), () -> gateway.createModel(model.clone().addUploads("uploads/none").build()));
        refused("CreateModel", Reason.UPLOAD_INCOMPLETE, () -> made("models", unfinished, "", ""), () -> gateway.createModel(model.clone().addUploads(unfinished).build()));
        refused("CreateModel", Reason.ARGUMENT_INVALID, () -> made("models", unfinished, "x".repeat(201), ""),
            () -> gateway.createModel(model.clone().addUploads(unfinished).setDisplayName("x".repeat(201)).build()));
        refused("CreateModel", Reason.ARGUMENT_INVALID, () -> made("models", unfinished, "", LONG_KEY),
            () -> gateway.createModel(model.clone().addUploads(unfinished).setIdempotencyKey(LONG_KEY).build()));
        refused("GetModel", Reason.NOT_FOUND, () -> rest.get("/v1/models/none"), () -> gateway.getModel(GetModelRequest.newBuilder().setName("models/none").build()));
        refused("ListModels", Reason.ARGUMENT_INVALID, () -> rest.get("/v1/models?page_size=1001"),
            () -> gateway.listModels(ListModelsRequest.newBuilder().setPageSize(1001).build()));
        refused("ListModels", Reason.ARGUMENT_INVALID, () -> rest.get("/v1/models?page_size=-1"), () -> gateway.listModels(ListModelsRequest.newBuilder().setPageSize(-1).build()));
        refused("DeleteModel", Reason.NOT_FOUND, () -> rest.send("DELETE", "/v1/models/none", new byte[0]),
            () -> gateway.deleteModel(DeleteModelRequest.newBuilder().setName("models/none").build()));
    }

    private void datasets() {
        CreateDatasetRequest.Builder dataset = CreateDatasetRequest.newBuilder();
        refused("CreateDataset", Reason.ARGUMENT_INVALID, () -> made("datasets", "", "", ""), () -> gateway.createDataset(dataset.build()));
        refused("CreateDataset", Reason.NOT_FOUND, () -> made("datasets", "uploads/none", "", ""),
            () -> gateway.createDataset(dataset.clone().addUploads("uploads/none").build()));
        refused("GetDataset", Reason.NOT_FOUND, () -> rest.get("/v1/datasets/none"),
            () -> gateway.getDataset(GetDatasetRequest.newBuilder().setName("datasets/none").build()));
        refused("ListDatasets", Reason.ARGUMENT_INVALID, () -> rest.get("/v1/datasets?page_size=1001"),
            () -> gateway.listDatasets(ListDatasetsRequest.newBuilder().setPageSize(1001).build()));
        refused("DeleteDataset", Reason.NOT_FOUND, () -> rest.send("DELETE", "/v1/datasets/none", new byte[0]),
            () -> gateway.deleteDataset(DeleteDatasetRequest.newBuilder().setName("datasets/none").build()));
    }

    private void jobs() {
        orchestrator.job("jobs/there");
        JobRequest withoutBudget = JobRequest.newBuilder().setModel("models/m").build();
        JobRequest whole = withoutBudget.toBuilder().setBudget(Budget.newBuilder().setRatio(0.5)).build();
        refused("EstimateJob", Reason.ARGUMENT_INVALID, () -> rest.post("/v1/jobs:estimate", "{\"model\":\"models/m\"}"),
            () -> gateway.estimateJob(EstimateJobRequest.newBuilder().setJob(withoutBudget).build()));
        refused("CreateJob", Reason.ARGUMENT_INVALID, () -> rest.post("/v1/jobs", "{\"budget\":{\"ratio\":0.5}}"),
            () -> gateway.createJob(CreateJobRequest.newBuilder().setJob(whole.toBuilder().clearModel()).build()));
        refused("CreateJob", Reason.ARGUMENT_INVALID, () -> rest.post("/v1/jobs", "{\"model\":\"models/m\",\"budget\":{\"ratio\":0.5}}", "Idempotency-Key", LONG_KEY),
            () -> gateway.createJob(CreateJobRequest.newBuilder().setJob(whole).setIdempotencyKey(LONG_KEY).build()));
        refused("GetJob", Reason.NOT_FOUND, () -> rest.get("/v1/jobs/none"), () -> gateway.getJob(GetJobRequest.newBuilder().setName("jobs/none").build()));
        refused("GetJob", Reason.ARGUMENT_INVALID, () -> rest.get("/v1/jobs/there?wait=-1s"),
            () -> gateway.getJob(GetJobRequest.newBuilder().setName("jobs/there").setWait(Duration.newBuilder().setSeconds(-1)).build()));
        refused("GetJob", Reason.ARGUMENT_INVALID, () -> rest.get("/v1/jobs/there?after=-1"),
            () -> gateway.getJob(GetJobRequest.newBuilder().setName("jobs/there").setAfterSequence(-1).build()));
        refused("ListJobs", Reason.ARGUMENT_INVALID, () -> rest.get("/v1/jobs?page_size=1001"), () -> gateway.listJobs(ListJobsRequest.newBuilder().setPageSize(1001).build()));
        refused("CancelJob", Reason.NOT_FOUND, () -> rest.send("POST", "/v1/jobs/none:cancel", new byte[0]),
            () -> gateway.cancelJob(CancelJobRequest.newBuilder().setName("jobs/none").build()));
        refused("DeleteJob", Reason.NOT_FOUND, () -> rest.send("DELETE", "/v1/jobs/none", new byte[0]),
            () -> gateway.deleteJob(DeleteJobRequest.newBuilder().setName("jobs/none").build()));
        refused("ContinueJob", Reason.ARGUMENT_INVALID, () -> rest.post("/v1/jobs/there:continue", "{\"trials\":1}", "Idempotency-Key", LONG_KEY),
            () -> gateway.continueJob(ContinueJobRequest.newBuilder().setName("jobs/there").setTrials(1).setIdempotencyKey(LONG_KEY).build()));
        refused("WhatIf", Reason.ARGUMENT_INVALID, () -> rest.get("/v1/jobs/there/what-if"), () -> gateway.whatIf(WhatIfRequest.newBuilder().setName("jobs/there").build()));
        refused("WatchJob", Reason.NOT_FOUND, () -> rest.get("/v1/jobs/none/events", "Accept", "text/event-stream"),
            () -> gateway.watchJob(WatchJobRequest.newBuilder().setName("jobs/none").build()).hasNext());
        refused("WatchJob", Reason.ARGUMENT_INVALID, () -> rest.get("/v1/jobs/there/events", "Last-Event-ID", "-1"),
            () -> gateway.watchJob(WatchJobRequest.newBuilder().setName("jobs/there").setAfterSequence(-1).build()).hasNext());
    }

    private void results() {
        Artifact file = store.put(new byte[10], Artifacts.BYTES);
        orchestrator.result(JobResult.newBuilder().setJob("jobs/with-a-file").addFiles(Manifests.entry("plan.json", file)).build());
        ReadResultFileRequest.Builder read = ReadResultFileRequest.newBuilder().setJob("jobs/with-a-file");
        refused("GetJobResult", Reason.NOT_FOUND, () -> rest.get("/v1/jobs/none/result"),
            () -> gateway.getJobResult(GetJobResultRequest.newBuilder().setName("jobs/none").build()));
        refused("ReadResultFile", Reason.NOT_FOUND, () -> rest.get("/v1/jobs/none/result/plan.json"),
            () -> gateway.readResultFile(ReadResultFileRequest.newBuilder().setJob("jobs/none").setPath("plan.json").build()).hasNext());
        refused("ReadResultFile", Reason.NOT_FOUND, () -> rest.get("/v1/jobs/with-a-file/result/other"), () -> gateway.readResultFile(read.clone().setPath("other").build()).hasNext());
    }

    private void jobsAsOperations() {
        refused("GetOperation", Reason.NOT_FOUND, () -> rest.get("/v1/jobs/none"), () -> operations.getOperation(GetOperationRequest.newBuilder().setName("jobs/none").build()));
        refused("WaitOperation", Reason.NOT_FOUND, () -> rest.get("/v1/jobs/none?wait=1s"),
            () -> operations.waitOperation(WaitOperationRequest.newBuilder().setName("jobs/none").build()));
        refused("ListOperations", Reason.ARGUMENT_INVALID, () -> rest.get("/v1/jobs?page_size=1001"),
            () -> operations.listOperations(ListOperationsRequest.newBuilder().setName("jobs").setPageSize(1001).build()));
        refused("CancelOperation", Reason.NOT_FOUND, () -> rest.send("POST", "/v1/jobs/none:cancel", new byte[0]),
            () -> operations.cancelOperation(CancelOperationRequest.newBuilder().setName("jobs/none").build()));
        refused("DeleteOperation", Reason.NOT_FOUND, () -> rest.send("DELETE", "/v1/jobs/none", new byte[0]),
            () -> operations.deleteOperation(DeleteOperationRequest.newBuilder().setName("jobs/none").build()));
    }

    private void refused(String method, Reason reason, Supplier<Answer> byRest, Runnable byGrpc) {
        pairs.add(new Pair(method, reason, byRest, byGrpc));
    }

    private Upload create(long bytes, String filename, String sha256, String key) {
        return gateway.createUpload(CreateUploadRequest.newBuilder().setSizeBytes(bytes).setFilename(filename).setSha256(sha256).setIdempotencyKey(key).build());
    }

    private Answer made(String collection, String upload, String displayName, String key) {
        String uploads = upload.isEmpty() ? "" : "\"" + upload + "\"";
        return rest.post("/v1/" + collection, "{\"uploads\":[" + uploads + "],\"display_name\":\"" + displayName + "\"}", "Idempotency-Key", key);
    }

    private void write(String name, long offset, int bytes) {
        UploadAnswer done = new UploadAnswer();
        StreamObserver<WriteUploadRequest> stream = GatewayServiceGrpc.newStub(channel).writeUpload(done);
        stream.onNext(WriteUploadRequest.newBuilder().setName(name).setOffset(offset).setData(ByteString.copyFrom(new byte[bytes])).build());
        stream.onCompleted();
        try {
            done.join();
        } catch (CompletionException e) {
            throw (StatusRuntimeException) e.getCause();
        }
    }

    private static Reason reason(Runnable call) {
        StatusRuntimeException error = catchThrowableOfType(StatusRuntimeException.class, call::run);
        return error == null ? Reason.REASON_UNSPECIFIED : KogataException.of(error).reason();
    }
}
