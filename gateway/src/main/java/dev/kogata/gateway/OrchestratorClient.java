package dev.kogata.gateway;

import static dev.kogata.kit.grpc.OperationClient.call;

import dev.kogata.common.v1.Artifact;
import dev.kogata.common.v1.Budget;
import dev.kogata.gateway.problem.Refusal;
import dev.kogata.kit.tenant.Tenant;
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
import dev.kogata.orchestrator.v1.JobRequest;
import dev.kogata.orchestrator.v1.JobResult;
import dev.kogata.orchestrator.v1.ListDatasetsRequest;
import dev.kogata.orchestrator.v1.ListDatasetsResponse;
import dev.kogata.orchestrator.v1.ListJobsRequest;
import dev.kogata.orchestrator.v1.ListJobsResponse;
import dev.kogata.orchestrator.v1.ListModelsRequest;
import dev.kogata.orchestrator.v1.ListModelsResponse;
import dev.kogata.orchestrator.v1.Model;
import dev.kogata.orchestrator.v1.OrchestratorServiceGrpc;
import dev.kogata.orchestrator.v1.OrchestratorServiceGrpc.OrchestratorServiceBlockingStub;
import dev.kogata.orchestrator.v1.Usage;
import dev.kogata.orchestrator.v1.WatchJobRequest;
import dev.kogata.orchestrator.v1.WhatIfRequest;
import dev.kogata.orchestrator.v1.WhatIfResponse;
import io.grpc.Channel;
import io.grpc.ClientInterceptor;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;

/**
 * The gateway's one way to the orchestrator. Every unary call has a deadline (short ones the channel's own) and fails with
 * a KogataException. Thread-safe.
 * Names are resource names ({@code jobs/ID}).
 */
public final class OrchestratorClient {
    private final Channel channel;
    private final Duration scanDeadline;
    private final String tenant;

    /**
     * A client on a channel, for the default tenant.
     *
     * @param scanDeadline of calls that scan a model or dataset
     */
    public OrchestratorClient(Channel channel, Duration scanDeadline) {
        this(channel, scanDeadline, Tenant.DEFAULT);
    }

    private OrchestratorClient(Channel channel, Duration scanDeadline, String tenant) {
        this.channel = channel;
        this.scanDeadline = scanDeadline;
        this.tenant = tenant;
    }

    /** The same for a tenant: everything of others is NOT_FOUND there. */
    public OrchestratorClient as(String owner) {
        return new OrchestratorClient(channel, scanDeadline, owner);
    }

    /** Registers a bundle. */
    public Model createModel(Artifact manifest, String displayName) {
        CreateModelRequest request = CreateModelRequest.newBuilder().setManifest(manifest).setDisplayName(displayName).build();
        return call(() -> scanning().createModel(request));
    }

    /** A model. */
    public Model model(String name) {
        return call(() -> stub().getModel(GetModelRequest.newBuilder().setName(name).build()));
    }

    /** Models, newest first. */
    public ListModelsResponse models(int pageSize, String pageToken, String filter) {
        ListModelsRequest request = ListModelsRequest.newBuilder().setPageSize(pageSize).setPageToken(pageToken).setFilter(filter).build();
        return call(() -> stub().listModels(request));
    }

    /** Registers a dataset. */
    public Dataset createDataset(Artifact manifest, String displayName) {
        CreateDatasetRequest request = CreateDatasetRequest.newBuilder().setManifest(manifest).setDisplayName(displayName).build();
        return call(() -> scanning().createDataset(request));
    }

    /** A dataset. */
    public Dataset dataset(String name) {
        return call(() -> stub().getDataset(GetDatasetRequest.newBuilder().setName(name).build()));
    }

    /** Datasets, newest first. */
    public ListDatasetsResponse datasets(int pageSize, String pageToken, String filter) {
        ListDatasetsRequest request = ListDatasetsRequest.newBuilder().setPageSize(pageSize).setPageToken(pageToken).setFilter(filter).build();
        return call(() -> stub().listDatasets(request));
    }

    /** Starts a job; the same key and request give the same job. */
    public Job createJob(JobRequest job, String idempotencyKey) {
        CreateJobRequest request = CreateJobRequest.newBuilder().setJob(job).setIdempotencyKey(idempotencyKey).build();
        return call(() -> stub().createJob(request));
    }

    /** A job. */
    public Job job(String name) {
        return call(() -> stub().getJob(GetJobRequest.newBuilder().setName(name).build()));
    }

    /** Jobs, newest first. */
    public ListJobsResponse jobs(int pageSize, String pageToken, String filter) {
        ListJobsRequest request = ListJobsRequest.newBuilder().setPageSize(pageSize).setPageToken(pageToken).setFilter(filter).build();
        return call(() -> stub().listJobs(request));
    }

    /** Removes a model. */
    public void deleteModel(String name) {
        call(() -> stub().deleteModel(DeleteModelRequest.newBuilder().setName(name).build()));
    }

    /** Removes a dataset. */
    public void deleteDataset(String name) {
        call(() -> stub().deleteDataset(DeleteDatasetRequest.newBuilder().setName(name).build()));
    }

    /** Removes a job that has ended. */
    public void deleteJob(String name) {
        call(() -> stub().deleteJob(DeleteJobRequest.newBuilder().setName(name).build()));
    }

    /** Cancels a job. */
    public Job cancelJob(String name) {
        return call(() -> stub().cancelJob(CancelJobRequest.newBuilder().setName(name).build()));
    }

    /** Goes on with the search of a job that has ended, as a new job; the same key and request give the same job. */
    public Job continueJob(String name, int trials, String idempotencyKey) {
        ContinueJobRequest request = ContinueJobRequest.newBuilder().setName(name).setTrials(trials).setIdempotencyKey(idempotencyKey).build();
        return call(() -> stub().continueJob(request));
    }

    /** What another budget would lose, estimated from a job's journal. */
    public WhatIfResponse whatIf(String name, Budget budget) {
        return call(() -> stub().whatIf(WhatIfRequest.newBuilder().setName(name).setBudget(budget).build()));
    }

    /** The files of a job that has SUCCEEDED. */
    public JobResult result(String name) {
        return call(() -> stub().getJobResult(GetJobResultRequest.newBuilder().setName(name).build()));
    }

    /** What a job would cost. */
    public JobEstimate estimate(JobRequest job) {
        return call(() -> stub().estimateJob(EstimateJobRequest.newBuilder().setJob(job).build()));
    }

    /** What the tenant uses of its quotas. */
    public Usage usage() {
        return call(() -> stub().getUsage(GetUsageRequest.getDefaultInstance()));
    }

    /** Events of a job after a sequence number, as they happen; no deadline. */
    public void watch(String name, long after, StreamObserver<JobEvent> observer) {
        OrchestratorServiceGrpc.newStub(channel).withInterceptors(named()).watchJob(watchRequest(name, after), observer);
    }

    /** The same until the given time has passed: then the observer gets DEADLINE_EXCEEDED. */
    public void watch(String name, long after, Duration wait, StreamObserver<JobEvent> observer) {
        OrchestratorServiceGrpc.newStub(channel).withInterceptors(named()).withDeadlineAfter(wait.toMillis(), TimeUnit.MILLISECONDS)
            .watchJob(watchRequest(name, after), observer);
    }

    /** The same to be pulled, until the given time has passed: then the iterator throws DEADLINE_EXCEEDED. */
    public Iterator<JobEvent> watch(String name, long after, Duration wait) {
        return stub().withDeadlineAfter(wait.toMillis(), TimeUnit.MILLISECONDS)
            .watchJob(watchRequest(name, after));
    }

    private static WatchJobRequest watchRequest(String name, long after) {
        return WatchJobRequest.newBuilder().setName(name).setAfterSequence(after).build();
    }

    private ClientInterceptor named() {
        return MetadataUtils.newAttachHeadersInterceptor(Tenant.header(tenant));
    }

    private OrchestratorServiceBlockingStub stub() {
        return OrchestratorServiceGrpc.newBlockingStub(channel).withInterceptors(named());
    }

    private OrchestratorServiceBlockingStub scanning() {
        return stub().withDeadlineAfter(scanDeadline.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** The resource name of an id in a path. */
    public static String name(String collection, String id) {
        if (!id.matches("[A-Za-z0-9_-]{1,64}")) {
            throw Refusal.notFound(collection + "/" + id);
        }
        return collection + "/" + id;
    }
}
