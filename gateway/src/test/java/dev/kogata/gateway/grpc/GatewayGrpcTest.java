package dev.kogata.gateway.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.longrunning.CancelOperationRequest;
import com.google.longrunning.DeleteOperationRequest;
import com.google.longrunning.GetOperationRequest;
import com.google.longrunning.ListOperationsRequest;
import com.google.longrunning.Operation;
import com.google.longrunning.OperationsGrpc;
import com.google.longrunning.WaitOperationRequest;
import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import dev.kogata.common.v1.Artifact;
import dev.kogata.common.v1.Budget;
import dev.kogata.common.v1.ManifestFile;
import dev.kogata.common.v1.Reason;
import dev.kogata.gateway.FakeOrchestrator;
import dev.kogata.gateway.GatewayUnderTest;
import dev.kogata.gateway.RestClient;
import dev.kogata.gateway.UploadAnswer;
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
import dev.kogata.kit.artifact.Sha256;
import dev.kogata.kit.error.KogataException;
import dev.kogata.orchestrator.v1.CancelJobRequest;
import dev.kogata.orchestrator.v1.CreateJobRequest;
import dev.kogata.orchestrator.v1.DeleteJobRequest;
import dev.kogata.orchestrator.v1.EstimateJobRequest;
import dev.kogata.orchestrator.v1.GetModelRequest;
import dev.kogata.orchestrator.v1.Job;
import dev.kogata.orchestrator.v1.JobEvent;
import dev.kogata.orchestrator.v1.JobRequest;
import dev.kogata.orchestrator.v1.JobResult;
import dev.kogata.orchestrator.v1.JobState;
import dev.kogata.orchestrator.v1.WatchJobRequest;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The same resources as REST has, over real gRPC. */
@QuarkusTest
@QuarkusTestResource(GatewayUnderTest.class)
class GatewayGrpcTest {
    @Inject
    @GrpcService
    FakeOrchestrator orchestrator;
    @Inject
    ArtifactStore store;
    @TestHTTPResource("/")
    URI base;
    @ConfigProperty(name = "quarkus.grpc.server.test-port")
    int port;
    private ManagedChannel channel;
    private GatewayServiceBlockingStub gateway;
    private OperationsGrpc.OperationsBlockingStub operations;

    @BeforeEach
    void connect() {
        channel = NettyChannelBuilder.forAddress("localhost", port).usePlaintext().build();
        gateway = GatewayServiceGrpc.newBlockingStub(channel);
        operations = OperationsGrpc.newBlockingStub(channel);
    }

    @AfterEach
    void disconnect() {
        channel.shutdownNow();
    }

    @Test
    void uploadsInManyMessagesAndMakesAModelOfIt() {
        byte[] bytes = new byte[3_000_001];
        new Random(5).nextBytes(bytes);
        Upload upload = create(bytes.length, "model.onnx", Sha256.of(bytes));
        Upload done = write(upload.getName(), 0, pieces(bytes, 100_000)).join();
        assertThat(done.getOffset()).isEqualTo(bytes.length);

        CreateModelRequest request = CreateModelRequest.newBuilder().addUploads(upload.getName()).setDisplayName("one").build();
        String model = gateway.createModel(request).getName();
        assertThat(gateway.createModel(request).getName()).as("asked again").isEqualTo(model);
        assertThat(gateway.getModel(GetModelRequest.newBuilder().setName(model).build()).getDisplayName()).isEqualTo("one");
        assertThat(store.bytes(Sha256.of(bytes), bytes.length)).isEqualTo(bytes);
    }

    @Test
    @Tag("hostile-57")
    void takesMessagesOfTheLimitAndNotOneByteMore() {
        int limit = 16 << 20;
        Upload upload = create(64 << 20, "large", "");
        WriteUploadRequest most = ofSize(upload.getName(), 0, limit);
        int taken = most.getData().size();
        assertThat(send(most).join().getOffset()).isEqualTo(taken);
        assertThatThrownBy(() -> send(ofSize(upload.getName(), taken, limit + 1)).join()).hasMessageContaining("RESOURCE_EXHAUSTED");
        assertThat(gateway.getUpload(GetUploadRequest.newBuilder().setName(upload.getName()).build()).getOffset()).as("nothing of it was kept").isEqualTo(taken);
    }

    private UploadAnswer send(WriteUploadRequest message) {
        UploadAnswer done = new UploadAnswer();
        StreamObserver<WriteUploadRequest> stream = stream(done);
        stream.onNext(message);
        stream.onCompleted();
        return done;
    }

    /** A message of so many bytes, most of them data. */
    private static WriteUploadRequest ofSize(String name, long offset, int bytes) {
        WriteUploadRequest smaller = message(name, offset, "").toBuilder().setData(ByteString.copyFrom(new byte[bytes - 200])).build();
        return smaller.toBuilder().setData(ByteString.copyFrom(new byte[2 * bytes - 200 - smaller.getSerializedSize()])).build();
    }

    @Test
    void goesOnAtTheByteThatWasReachedWhenTheClientBrokeOff() throws Exception {
        Upload upload = create(10, "a", "");
        Context.CancellableContext connection = Context.current().withCancellation();
        StreamObserver<WriteUploadRequest> broken = connection.call(() -> stream(new UploadAnswer()));
        broken.onNext(message(upload.getName(), 0, "abcd"));
        eventually(() -> gateway.getUpload(GetUploadRequest.newBuilder().setName(upload.getName()).build()).getOffset() == 4);
        connection.cancel(null);

        assertThat(reason(() -> write(upload.getName(), 3, List.of("x".getBytes())).join())).isEqualTo(Reason.UPLOAD_OFFSET_WRONG);
        Upload done = write(upload.getName(), 4, List.of("ef".getBytes(), "ghij".getBytes())).join();
        assertThat(done.getOffset()).isEqualTo(10);
    }

    @Test
    void keepsNoUploadWithAnotherSha256ThanAnnounced() {
        Upload upload = create(3, "a", Sha256.of("abc".getBytes()));
        assertThat(reason(() -> write(upload.getName(), 0, List.of("abd".getBytes())).join())).isEqualTo(Reason.CHECKSUM_MISMATCH);
        assertThat(reason(() -> gateway.getUpload(GetUploadRequest.newBuilder().setName(upload.getName()).build()))).isEqualTo(Reason.NOT_FOUND);
    }

    @Test
    void refusesWithTheReasonsOfRest() {
        Upload upload = create(3, "a", "");
        assertThat(reason(() -> write(upload.getName(), 0, List.of("abcd".getBytes())).join())).isEqualTo(Reason.ARGUMENT_INVALID);
        assertThat(reason(() -> gateway.createModel(CreateModelRequest.newBuilder().addUploads(upload.getName()).build()))).isEqualTo(Reason.UPLOAD_INCOMPLETE);
        assertThat(reason(() -> gateway.createModel(CreateModelRequest.getDefaultInstance()))).isEqualTo(Reason.ARGUMENT_INVALID);
        assertThat(reason(() -> create(-1, "a", ""))).isEqualTo(Reason.ARGUMENT_INVALID);
        assertThat(reason(() -> create(1, "../a", ""))).isEqualTo(Reason.ARCHIVE_INVALID);
        assertThat(reason(() -> gateway.createJob(CreateJobRequest.getDefaultInstance()))).isEqualTo(Reason.ARGUMENT_INVALID);
        assertThat(reason(() -> stream(new UploadAnswer(), true).join())).isEqualTo(Reason.ARGUMENT_INVALID);
        gateway.deleteUpload(DeleteUploadRequest.newBuilder().setName(upload.getName()).build());
        assertThat(reason(() -> gateway.getUpload(GetUploadRequest.newBuilder().setName(upload.getName()).build()))).isEqualTo(Reason.NOT_FOUND);
    }

    @Test
    void startsEstimatesAndCancelsJobs() {
        JobRequest request = JobRequest.newBuilder().setModel("models/m").setDataset("datasets/d").setBudget(Budget.newBuilder().setRatio(0.5)).build();
        assertThat(gateway.createJob(CreateJobRequest.newBuilder().setJob(request).setIdempotencyKey("k").build()).getState()).isEqualTo(JobState.QUEUED);
        assertThat(orchestrator.askedJobs()).anyMatch(asked -> asked.getIdempotencyKey().equals("k"));
        assertThat(gateway.estimateJob(EstimateJobRequest.newBuilder().setJob(request).build()).getTrials()).isEqualTo(request.getTrials());
        orchestrator.job("jobs/by-grpc");
        assertThat(gateway.cancelJob(CancelJobRequest.newBuilder().setName("jobs/by-grpc").build()).getState()).isEqualTo(JobState.CANCELLED);
    }

    @Test
    void removesAJobForItsTenantAndSoDoesRest() {
        orchestrator.job("jobs/old");
        gateway.deleteJob(DeleteJobRequest.newBuilder().setName("jobs/old").build());
        assertThat(reason(() -> gateway.getJob(GetJobRequest.newBuilder().setName("jobs/old").build()))).isEqualTo(Reason.NOT_FOUND);
        orchestrator.job("jobs/older");
        RestClient rest = new RestClient(base);
        assertThat(rest.send("DELETE", "/v1/jobs/older", new byte[0]).status()).isEqualTo(204);
        assertThat(rest.send("DELETE", "/v1/jobs/never", new byte[0]).reason()).isEqualTo("NOT_FOUND");
        orchestrator.job("jobs/of-another", "another");
        assertThat(rest.send("DELETE", "/v1/jobs/of-another", new byte[0]).reason()).isEqualTo("NOT_FOUND");
    }

    @Test
    void streamsEventsToTheLastOne() {
        orchestrator.job("jobs/watched-by-grpc");
        orchestrator.event("jobs/watched-by-grpc", JobState.INSPECTING);
        orchestrator.event("jobs/watched-by-grpc", JobState.PROFILING);
        CompletableFuture<List<JobEvent>> seen = CompletableFuture.supplyAsync(() -> {
            List<JobEvent> events = new ArrayList<>();
            gateway.watchJob(WatchJobRequest.newBuilder().setName("jobs/watched-by-grpc").setAfterSequence(1).build()).forEachRemaining(events::add);
            return events;
        });
        eventually(() -> orchestrator.isWatched("jobs/watched-by-grpc"));
        orchestrator.event("jobs/watched-by-grpc", JobState.SUCCEEDED);
        assertThat(seen.join()).extracting(JobEvent::getState).containsExactly(JobState.PROFILING, JobState.SUCCEEDED);
    }

    @Test
    void aJobIsAnOperationThatCanBeWaitedFor() throws Exception {
        orchestrator.job("jobs/operation");
        assertThat(operations.getOperation(GetOperationRequest.newBuilder().setName("jobs/operation").build()).getDone()).isFalse();
        CompletableFuture<Operation> ended = CompletableFuture.supplyAsync(() -> operations.waitOperation(
            WaitOperationRequest.newBuilder().setName("jobs/operation").setTimeout(Duration.newBuilder().setSeconds(20)).build()));
        eventually(() -> orchestrator.isWatched("jobs/operation"));
        orchestrator.event("jobs/operation", JobState.SEARCHING);
        orchestrator.result(JobResult.newBuilder().setJob("jobs/operation").addFiles(ManifestFile.newBuilder().setPath("plan.json")).build());
        orchestrator.event("jobs/operation", JobState.SUCCEEDED);

        Operation operation = ended.join();
        assertThat(operation.getDone()).isTrue();
        assertThat(operation.getMetadata().unpack(Job.class).getState()).isEqualTo(JobState.SUCCEEDED);
        assertThat(operation.getResponse().unpack(JobResult.class).getFiles(0).getPath()).isEqualTo("plan.json");
        assertThat(operations.listOperations(ListOperationsRequest.newBuilder().setName("jobs").build()).getNextPageToken()).isEqualTo("more");
    }

    @Test
    void aCancelledOperationSaysSo() {
        orchestrator.job("jobs/operation-to-cancel");
        operations.cancelOperation(CancelOperationRequest.newBuilder().setName("jobs/operation-to-cancel").build());
        Operation operation = operations.getOperation(GetOperationRequest.newBuilder().setName("jobs/operation-to-cancel").build());
        assertThat(operation.getDone()).isTrue();
        assertThat(KogataException.of(operation.getError()).reason()).isEqualTo(Reason.CANCELLED);
        assertThat(reason(() -> operations.getOperation(GetOperationRequest.newBuilder().setName("jobs/none").build()))).isEqualTo(Reason.NOT_FOUND);
    }

    @Test
    void anOperationIsDeletedAsItsJobIs() {
        orchestrator.job("jobs/operation-to-delete");
        DeleteOperationRequest request = DeleteOperationRequest.newBuilder().setName("jobs/operation-to-delete").build();
        operations.deleteOperation(request);
        assertThat(reason(() -> gateway.getJob(GetJobRequest.newBuilder().setName("jobs/operation-to-delete").build()))).isEqualTo(Reason.NOT_FOUND);
    }

    @Test
    void waitsForTheNextChangeOfAJobAndNoLongerThanAsked() {
        orchestrator.job("jobs/polled");
        orchestrator.event("jobs/polled", JobState.INSPECTING);
        GetJobRequest.Builder request = GetJobRequest.newBuilder().setName("jobs/polled").setAfterSequence(1);
        assertThat(gateway.getJob(request.setWait(Duration.newBuilder().setNanos(1_000_000)).build()).getState()).isEqualTo(JobState.INSPECTING);
        CompletableFuture<Job> next = CompletableFuture.supplyAsync(() -> gateway.getJob(request.setWait(Duration.newBuilder().setSeconds(20)).build()));
        eventually(() -> orchestrator.isWatched("jobs/polled"));
        orchestrator.event("jobs/polled", JobState.PROFILING);
        assertThat(next.join().getState()).isEqualTo(JobState.PROFILING);
    }

    @Test
    void streamsAFileOfAResultFromAnyOffset() {
        byte[] bytes = new byte[2_500_000];
        new Random(6).nextBytes(bytes);
        Artifact artifact = store.put(bytes, Artifacts.BYTES);
        orchestrator.result(JobResult.newBuilder().setJob("jobs/read").addFiles(ManifestFile.newBuilder().setPath("bundle/model.onnx")
            .setSha256(artifact.getSha256()).setSizeBytes(bytes.length)).build());
        ReadResultFileRequest whole = ReadResultFileRequest.newBuilder().setJob("jobs/read").setPath("bundle/model.onnx").build();
        assertThat(read(whole)).isEqualTo(ByteString.copyFrom(bytes));
        assertThat(read(whole.toBuilder().setOffset(1_234_567).build())).isEqualTo(ByteString.copyFrom(bytes).substring(1_234_567));
        assertThat(read(whole.toBuilder().setOffset(5).setLimit(7).build())).isEqualTo(ByteString.copyFrom(bytes).substring(5, 12));
        assertThat(reason(() -> read(whole.toBuilder().setOffset(bytes.length + 1L).build()))).isEqualTo(Reason.ARGUMENT_INVALID);
        assertThat(reason(() -> read(whole.toBuilder().setPath("other").build()))).isEqualTo(Reason.NOT_FOUND);
    }

    private Upload create(long bytes, String filename, String sha256) {
        return gateway.createUpload(CreateUploadRequest.newBuilder().setSizeBytes(bytes).setFilename(filename).setSha256(sha256).build());
    }

    private UploadAnswer write(String name, long offset, List<byte[]> pieces) {
        UploadAnswer done = new UploadAnswer();
        StreamObserver<WriteUploadRequest> stream = stream(done);
        for (int i = 0; i < pieces.size(); i++) {
            WriteUploadRequest.Builder message = WriteUploadRequest.newBuilder().setData(ByteString.copyFrom(pieces.get(i)));
            stream.onNext(i == 0 ? message.setName(name).setOffset(offset).build() : message.build());
        }
        stream.onCompleted();
        return done;
    }

    private StreamObserver<WriteUploadRequest> stream(UploadAnswer done) {
        return GatewayServiceGrpc.newStub(channel).writeUpload(done);
    }

    private UploadAnswer stream(UploadAnswer done, boolean endAtOnce) {
        StreamObserver<WriteUploadRequest> stream = stream(done);
        if (endAtOnce) {
            stream.onCompleted();
        }
        return done;
    }

    private static WriteUploadRequest message(String name, long offset, String data) {
        return WriteUploadRequest.newBuilder().setName(name).setOffset(offset).setData(ByteString.copyFrom(data, StandardCharsets.UTF_8)).build();
    }

    private static List<byte[]> pieces(byte[] bytes, int size) {
        List<byte[]> pieces = new ArrayList<>();
        for (int at = 0; at < bytes.length; at += size) {
            pieces.add(java.util.Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + size)));
        }
        return pieces;
    }

    private ByteString read(ReadResultFileRequest request) {
        List<ByteString> pieces = new ArrayList<>();
        gateway.readResultFile(request).forEachRemaining(message -> pieces.add(message.getData()));
        return ByteString.copyFrom(pieces);
    }

    private static void eventually(java.util.function.BooleanSupplier holds) {
        long end = System.nanoTime() + 20_000_000_000L;
        while (!holds.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited too long").isLessThan(end);
            java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
        }
    }

    private static Reason reason(ThrowingCallable call) {
        Throwable thrown = catchThrowableOfType(Throwable.class, call);
        Throwable cause = thrown instanceof CompletionException wrapped ? wrapped.getCause() : thrown;
        assertThat(cause).isInstanceOf(StatusRuntimeException.class);
        return KogataException.of((StatusRuntimeException) cause).reason();
    }
}
