package dev.kogata.orchestrator;

import com.google.protobuf.Empty;
import dev.kogata.kit.tenant.Tenant;
import dev.kogata.orchestrator.catalog.Datasets;
import dev.kogata.orchestrator.catalog.Models;
import dev.kogata.orchestrator.catalog.Page;
import dev.kogata.orchestrator.deletion.Deletions;
import dev.kogata.orchestrator.job.Jobs;
import dev.kogata.orchestrator.job.JobWatches;
import dev.kogata.orchestrator.job.WhatIf;
import dev.kogata.orchestrator.v1.CancelJobRequest;
import dev.kogata.orchestrator.v1.ContinueJobRequest;
import dev.kogata.orchestrator.v1.CreateDatasetRequest;
import dev.kogata.orchestrator.v1.CreateJobRequest;
import dev.kogata.orchestrator.v1.CreateModelRequest;
import dev.kogata.orchestrator.v1.Dataset;
import dev.kogata.orchestrator.v1.DeleteDatasetRequest;
import dev.kogata.orchestrator.v1.DeleteJobRequest;
import dev.kogata.orchestrator.v1.DeleteModelRequest;
import dev.kogata.orchestrator.v1.EstimateJobRequest;
import dev.kogata.orchestrator.v1.GetDatasetRequest;
import dev.kogata.orchestrator.v1.GetJobRequest;
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
import dev.kogata.orchestrator.v1.OrchestratorServiceGrpc;
import dev.kogata.orchestrator.v1.Usage;
import dev.kogata.orchestrator.v1.WatchJobRequest;
import dev.kogata.orchestrator.v1.WhatIfRequest;
import dev.kogata.orchestrator.v1.WhatIfResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import io.smallrye.common.annotation.Blocking;

/** The orchestrator's gRPC face: hands every call to its use case and the answer or error back. */
@GrpcService
@Blocking
public class OrchestratorGrpcService extends OrchestratorServiceGrpc.OrchestratorServiceImplBase {

    private final Models models;
    private final Datasets datasets;
    private final Jobs jobs;
    private final Deletions deletions;
    private final WhatIf whatIf;
    private final JobWatches watches;

    public OrchestratorGrpcService(Orchestrator orchestrator) {
        models = orchestrator.models();
        datasets = orchestrator.datasets();
        jobs = orchestrator.jobs();
        deletions = orchestrator.deletions();
        whatIf = orchestrator.whatIf();
        watches = orchestrator.watches();
    }

    @Override
    public void createModel(CreateModelRequest request, StreamObserver<Model> caller) {
        answer(caller, models.create(Tenant.current(), request.getManifest(), request.getDisplayName()));
    }

    @Override
    public void getModel(GetModelRequest request, StreamObserver<Model> caller) {
        answer(caller, models.get(Tenant.current(), request.getName()));
    }

    @Override
    public void listModels(ListModelsRequest request, StreamObserver<ListModelsResponse> caller) {
        Page<Model> page = models.list(Tenant.current(), request.getPageSize(), request.getPageToken(), request.getFilter());
        answer(caller, ListModelsResponse.newBuilder().addAllModels(page.items()).setNextPageToken(page.nextToken()).build());
    }

    @Override
    public void createDataset(CreateDatasetRequest request, StreamObserver<Dataset> caller) {
        answer(caller, datasets.create(Tenant.current(), request.getManifest(), request.getDisplayName()));
    }

    @Override
    public void getDataset(GetDatasetRequest request, StreamObserver<Dataset> caller) {
        answer(caller, datasets.get(Tenant.current(), request.getName()));
    }

    @Override
    public void listDatasets(ListDatasetsRequest request, StreamObserver<ListDatasetsResponse> caller) {
        Page<Dataset> page = datasets.list(Tenant.current(), request.getPageSize(), request.getPageToken(), request.getFilter());
        answer(caller, ListDatasetsResponse.newBuilder().addAllDatasets(page.items()).setNextPageToken(page.nextToken()).build());
    }

    @Override
    public void createJob(CreateJobRequest request, StreamObserver<Job> caller) {
        answer(caller, jobs.create(Tenant.current(), request.getJob(), request.getIdempotencyKey()));
    }

    @Override
    public void getJob(GetJobRequest request, StreamObserver<Job> caller) {
        answer(caller, jobs.get(Tenant.current(), request.getName()));
    }

    @Override
    public void listJobs(ListJobsRequest request, StreamObserver<ListJobsResponse> caller) {
        Page<Job> page = jobs.list(Tenant.current(), request.getPageSize(), request.getPageToken(), request.getFilter());
        answer(caller, ListJobsResponse.newBuilder().addAllJobs(page.items()).setNextPageToken(page.nextToken()).build());
    }

    @Override
    public void cancelJob(CancelJobRequest request, StreamObserver<Job> caller) {
        answer(caller, jobs.cancel(Tenant.current(), request.getName()));
    }

    @Override
    public void deleteModel(DeleteModelRequest request, StreamObserver<Empty> caller) {
        deletions.model(Tenant.current(), request.getName());
        answer(caller, Empty.getDefaultInstance());
    }

    @Override
    public void deleteDataset(DeleteDatasetRequest request, StreamObserver<Empty> caller) {
        deletions.dataset(Tenant.current(), request.getName());
        answer(caller, Empty.getDefaultInstance());
    }

    @Override
    public void deleteJob(DeleteJobRequest request, StreamObserver<Empty> caller) {
        deletions.job(Tenant.current(), request.getName());
        answer(caller, Empty.getDefaultInstance());
    }

    @Override
    public void continueJob(ContinueJobRequest request, StreamObserver<Job> caller) {
        answer(caller, jobs.continueJob(Tenant.current(), request.getName(), request.getTrials(), request.getIdempotencyKey()));
    }

    @Override
    public void whatIf(WhatIfRequest request, StreamObserver<WhatIfResponse> caller) {
        answer(caller, whatIf.answer(Tenant.current(), request.getName(), request.getBudget()));
    }

    @Override
    public void watchJob(WatchJobRequest request, StreamObserver<JobEvent> caller) {
        watches.begin(jobs.get(Tenant.current(), request.getName()), request.getAfterSequence(), (ServerCallStreamObserver<JobEvent>) caller);
    }

    @Override
    public void getJobResult(GetJobResultRequest request, StreamObserver<JobResult> caller) {
        answer(caller, jobs.result(Tenant.current(), request.getName()));
    }

    @Override
    public void estimateJob(EstimateJobRequest request, StreamObserver<JobEstimate> caller) {
        answer(caller, jobs.estimate(Tenant.current(), request.getJob()));
    }

    @Override
    public void getUsage(GetUsageRequest request, StreamObserver<Usage> caller) {
        answer(caller, jobs.usage(Tenant.current()));
    }

    /** What the work throws is translated by the kit's interceptor. */
    private static <A> void answer(StreamObserver<A> caller, A answer) {
        caller.onNext(answer);
        caller.onCompleted();
    }
}
