package dev.kogata.gateway.grpc;

import com.google.protobuf.Empty;
import com.google.protobuf.Timestamp;
import dev.kogata.common.v1.ManifestFile;
import dev.kogata.gateway.GatewayConfig;
import dev.kogata.gateway.OrchestratorClient;
import dev.kogata.gateway.catalog.Catalog;
import dev.kogata.gateway.identity.AuditLog;
import dev.kogata.gateway.identity.Authenticator;
import dev.kogata.gateway.identity.Caller;
import dev.kogata.gateway.job.JobRequests;
import dev.kogata.gateway.job.JobWaits;
import dev.kogata.gateway.job.WaitTime;
import dev.kogata.gateway.json.PageSize;
import dev.kogata.gateway.problem.Refusal;
import dev.kogata.gateway.result.ResultFiles;
import dev.kogata.gateway.upload.UploadCreation;
import dev.kogata.gateway.upload.UploadMetadata;
import dev.kogata.gateway.upload.UploadStatus;
import dev.kogata.gateway.upload.Uploads;
import dev.kogata.gateway.v1.CreateDatasetRequest;
import dev.kogata.gateway.v1.CreateModelRequest;
import dev.kogata.gateway.v1.CreateUploadRequest;
import dev.kogata.gateway.v1.DeleteUploadRequest;
import dev.kogata.gateway.v1.GatewayServiceGrpc.GatewayServiceImplBase;
import dev.kogata.gateway.v1.GetJobRequest;
import dev.kogata.gateway.v1.GetUploadRequest;
import dev.kogata.gateway.v1.ReadResultFileRequest;
import dev.kogata.gateway.v1.ReadResultFileResponse;
import dev.kogata.gateway.v1.Upload;
import dev.kogata.gateway.v1.WriteUploadRequest;
import dev.kogata.kit.artifact.StorageError;
import dev.kogata.kit.error.Incident;
import dev.kogata.kit.error.KogataException;
import dev.kogata.orchestrator.v1.CancelJobRequest;
import dev.kogata.orchestrator.v1.ContinueJobRequest;
import dev.kogata.orchestrator.v1.CreateJobRequest;
import dev.kogata.orchestrator.v1.Dataset;
import dev.kogata.orchestrator.v1.DeleteDatasetRequest;
import dev.kogata.orchestrator.v1.DeleteJobRequest;
import dev.kogata.orchestrator.v1.DeleteModelRequest;
import dev.kogata.orchestrator.v1.EstimateJobRequest;
import dev.kogata.orchestrator.v1.GetDatasetRequest;
import dev.kogata.orchestrator.v1.GetJobResultRequest;
import dev.kogata.orchestrator.v1.GetModelRequest;
import dev.kogata.orchestrator.v1.GetUsageRequest;
import dev.kogata.orchestrator.v1.Job;
import dev.kogata.orchestrator.v1.JobEstimate;
import dev.kogata.orchestrator.v1.JobEvent;
import dev.kogata.orchestrator.v1.JobResult;
import dev.kogata.orchestrator.v1.ListDatasetsRequest;
import dev.kogata.orchestrator.v1.ListDatasetsResponse;
import dev.kogata.orchestrator.v1.ListJobsRequest;
import dev.kogata.orchestrator.v1.ListJobsResponse;
import dev.kogata.orchestrator.v1.ListModelsRequest;
import dev.kogata.orchestrator.v1.ListModelsResponse;
import dev.kogata.orchestrator.v1.Model;
import dev.kogata.orchestrator.v1.Usage;
import dev.kogata.orchestrator.v1.WatchJobRequest;
import dev.kogata.orchestrator.v1.WhatIfRequest;
import dev.kogata.orchestrator.v1.WhatIfResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Inject;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The gateway's gRPC face: finds out who calls, hands every call to its use case, and the answer or error back. */
@GrpcService
@Blocking
public class GatewayGrpcService extends GatewayServiceImplBase {
    /** So many messages of slow clients may be on their way for each one of others. */
    private static final int SLOW = 3;

    private final Authenticator authenticator;
    private final OrchestratorClient orchestrator;
    private final Uploads uploads;
    private final Catalog catalog;
    private final UploadCreation creation;
    private final ResultFiles files;
    private final GatewayConfig config;
    private final MessageTurns turns;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "upload-turns"));
    private final ExecutorService writers = Executors.newCachedThreadPool(task -> new Thread(task, "upload-writer"));

    @Inject
    GatewayGrpcService(Authenticator authenticator, OrchestratorClient orchestrator, Uploads uploads, Catalog catalog, UploadCreation creation, ResultFiles files,
        GatewayConfig config) {
        this.creation = creation;
        this.authenticator = authenticator;
        this.orchestrator = orchestrator;
        this.uploads = uploads;
        this.catalog = catalog;
        this.files = files;
        this.config = config;
        this.turns = new MessageTurns(config.upload().messages(), SLOW * config.upload().messages(), config.upload().slow(), config.upload().stalled(), System::nanoTime);
        long millis = Math.max(1, config.upload().slow().toMillis() / 4);
        clock.scheduleWithFixedDelay(turns::look, millis, millis, TimeUnit.MILLISECONDS);
    }

    @PreDestroy
    void close() {
        clock.shutdownNow();
        writers.shutdownNow();
    }

    @Override
    public void createUpload(CreateUploadRequest request, StreamObserver<Upload> answer) {
        change("CreateUpload", answer, caller ->
            message(creation.create(caller.tenant(), request.getSizeBytes(), UploadMetadata.of(request.getFilename(), request.getSha256()), request.getIdempotencyKey())));
    }

    @Override
    public void getUpload(GetUploadRequest request, StreamObserver<Upload> answer) {
        answer(answer, caller -> message(uploads.as(caller.tenant()).status(Uploads.id(request.getName()))));
    }

    @Override
    public StreamObserver<WriteUploadRequest> writeUpload(StreamObserver<Upload> answer) {
        Caller caller = caller();
        return new UploadStream(caller, uploads.as(caller.tenant()), (ServerCallStreamObserver<Upload>) answer, writers, turns, config.upload().silence(), clock,
            GatewayGrpcService::message);
    }

    @Override
    public void deleteUpload(DeleteUploadRequest request, StreamObserver<Empty> answer) {
        change("DeleteUpload " + request.getName(), answer, caller -> {
            uploads.as(caller.tenant()).terminate(Uploads.id(request.getName()));
            return Empty.getDefaultInstance();
        });
    }

    @Override
    public void createModel(CreateModelRequest request, StreamObserver<Model> answer) {
        change("CreateModel", answer, caller -> catalog.model(caller.tenant(), request.getUploadsList(), request.getDisplayName(), request.getIdempotencyKey()));
    }

    @Override
    public void getModel(GetModelRequest request, StreamObserver<Model> answer) {
        answer(answer, caller -> orchestrator.as(caller.tenant()).model(request.getName()));
    }

    @Override
    public void listModels(ListModelsRequest request, StreamObserver<ListModelsResponse> answer) {
        answer(answer, caller -> orchestrator.as(caller.tenant()).models(PageSize.checked(request.getPageSize()), request.getPageToken(), request.getFilter()));
    }

    @Override
    public void createDataset(CreateDatasetRequest request, StreamObserver<Dataset> answer) {
        change("CreateDataset", answer, caller -> catalog.dataset(caller.tenant(), request.getUploadsList(), request.getDisplayName(), request.getIdempotencyKey()));
    }

    @Override
    public void getDataset(GetDatasetRequest request, StreamObserver<Dataset> answer) {
        answer(answer, caller -> orchestrator.as(caller.tenant()).dataset(request.getName()));
    }

    @Override
    public void listDatasets(ListDatasetsRequest request, StreamObserver<ListDatasetsResponse> answer) {
        answer(answer, caller -> orchestrator.as(caller.tenant()).datasets(PageSize.checked(request.getPageSize()), request.getPageToken(), request.getFilter()));
    }

    @Override
    public void estimateJob(EstimateJobRequest request, StreamObserver<JobEstimate> answer) {
        answer(answer, caller -> orchestrator.as(caller.tenant()).estimate(JobRequests.checked(request.getJob())));
    }

    @Override
    public void createJob(CreateJobRequest request, StreamObserver<Job> answer) {
        change("CreateJob", answer, caller ->
            orchestrator.as(caller.tenant()).createJob(JobRequests.checked(request.getJob()), JobRequests.key(request.getIdempotencyKey())));
    }

    @Override
    public void getJob(GetJobRequest request, StreamObserver<Job> answer) {
        OrchestratorClient client = orchestrator.as(caller().tenant());
        Duration wait = WaitTime.checked(Duration.ofSeconds(request.getWait().getSeconds(), request.getWait().getNanos()), config.events().longestWait());
        long after = WaitTime.sequence(request.getAfterSequence());
        Job job = client.job(request.getName());
        // With a handler, a caller that hangs up is a state and not an exception.
        ((ServerCallStreamObserver<Job>) answer).setOnCancelHandler(() -> {});
        JobWaits.changed(client, job, after, wait, Infrastructure.getDefaultWorkerPool()).whenComplete((found, failure) -> {
            if (failure == null) {
                answer.onNext(found);
                answer.onCompleted();
            } else {
                answer.onError(Incident.of(failure instanceof CompletionException wrapped ? wrapped.getCause() : failure).toGrpc());
            }
        });
    }

    @Override
    public void listJobs(ListJobsRequest request, StreamObserver<ListJobsResponse> answer) {
        answer(answer, caller -> orchestrator.as(caller.tenant()).jobs(PageSize.checked(request.getPageSize()), request.getPageToken(), request.getFilter()));
    }

    @Override
    public void cancelJob(CancelJobRequest request, StreamObserver<Job> answer) {
        change("CancelJob " + request.getName(), answer, caller -> orchestrator.as(caller.tenant()).cancelJob(request.getName()));
    }

    @Override
    public void deleteModel(DeleteModelRequest request, StreamObserver<Empty> answer) {
        change("DeleteModel " + request.getName(), answer, caller -> deleted(orchestrator.as(caller.tenant())::deleteModel, request.getName()));
    }

    @Override
    public void deleteDataset(DeleteDatasetRequest request, StreamObserver<Empty> answer) {
        change("DeleteDataset " + request.getName(), answer, caller -> deleted(orchestrator.as(caller.tenant())::deleteDataset, request.getName()));
    }

    @Override
    public void deleteJob(DeleteJobRequest request, StreamObserver<Empty> answer) {
        change("DeleteJob " + request.getName(), answer, caller -> deleted(orchestrator.as(caller.tenant())::deleteJob, request.getName()));
    }

    private static Empty deleted(Consumer<String> deletion, String name) {
        deletion.accept(name);
        return Empty.getDefaultInstance();
    }

    @Override
    public void continueJob(ContinueJobRequest request, StreamObserver<Job> answer) {
        change("ContinueJob " + request.getName(), answer, caller ->
            orchestrator.as(caller.tenant()).continueJob(request.getName(), request.getTrials(), JobRequests.key(request.getIdempotencyKey())));
    }

    @Override
    public void whatIf(WhatIfRequest request, StreamObserver<WhatIfResponse> answer) {
        answer(answer, caller -> {
            if (!request.hasBudget()) {
                throw Refusal.argument("budget", "\"budget\" is missing: for instance a ratio of 0.4.");
            }
            return orchestrator.as(caller.tenant()).whatIf(request.getName(), request.getBudget());
        });
    }

    @Override
    public void watchJob(WatchJobRequest request, StreamObserver<JobEvent> answer) {
        Caller caller = caller();
        Relay.events(orchestrator.as(caller.tenant()), request.getName(), WaitTime.sequence(request.getAfterSequence()), (ServerCallStreamObserver<JobEvent>) answer, caller, clock);
    }

    @Override
    public void getJobResult(GetJobResultRequest request, StreamObserver<JobResult> answer) {
        answer(answer, caller -> orchestrator.as(caller.tenant()).result(request.getName()));
    }

    @Override
    public void readResultFile(ReadResultFileRequest request, StreamObserver<ReadResultFileResponse> answer) {
        ManifestFile file = orchestrator.as(caller().tenant()).result(request.getJob()).getFilesList().stream()
            .filter(entry -> entry.getPath().equals(request.getPath())).findFirst()
            .orElseThrow(() -> Refusal.notFound(request.getJob() + "/result/" + request.getPath()));
        long offset = request.getOffset();
        if (offset < 0 || offset > file.getSizeBytes() || request.getLimit() < 0) {
            throw Refusal.argument("offset", "\"offset\" has to be from 0 to the file's " + file.getSizeBytes() + " bytes, \"limit\" 0 or more.");
        }
        long length = request.getLimit() == 0 ? file.getSizeBytes() - offset : Math.min(request.getLimit(), file.getSizeBytes() - offset);
        FileStream.send(files.file(file).open(offset, length), (ServerCallStreamObserver<ReadResultFileResponse>) answer);
    }

    @Override
    public void getUsage(GetUsageRequest request, StreamObserver<Usage> answer) {
        answer(answer, caller -> orchestrator.as(caller.tenant()).usage());
    }

    private interface Call<A> {
        A of(Caller caller) throws IOException;
    }

    private <A> void answer(StreamObserver<A> observer, Call<A> call) {
        try {
            observer.onNext(call.of(caller()));
        } catch (IOException e) {
            throw StorageError.of(e);
        }
        observer.onCompleted();
    }

    /** An answer that changes something: granted or not, it is written down. */
    private <A> void change(String action, StreamObserver<A> observer, Call<A> call) {
        Caller caller = null;
        A answer;
        try {
            caller = caller();
            answer = call.of(caller);
        } catch (IOException | RuntimeException e) {
            KogataException error = e instanceof IOException disk ? StorageError.of(disk) : Incident.of(e);
            AuditLog.record(caller, action, error.code().grpc().name(), error.reason().name());
            throw error;
        }
        AuditLog.record(caller, action, "OK", "");
        observer.onNext(answer);
        observer.onCompleted();
    }

    private Caller caller() {
        return CallHeaders.caller(authenticator);
    }

    private static Upload message(UploadStatus status) {
        return Upload.newBuilder().setName(status.info().name()).setSizeBytes(status.info().length()).setOffset(status.offset())
            .setFilename(status.info().filename()).setSha256(status.info().sha256())
            .setExpireTime(Timestamp.newBuilder().setSeconds(status.expires().getEpochSecond())).build();
    }
}
