package dev.kogata.gateway;

import com.google.protobuf.Empty;
import dev.kogata.common.v1.Artifact;
import dev.kogata.kit.error.KogataException;
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
import dev.kogata.orchestrator.v1.JobRequest;
import dev.kogata.orchestrator.v1.JobEvent;
import dev.kogata.orchestrator.v1.JobResult;
import dev.kogata.orchestrator.v1.JobState;
import dev.kogata.orchestrator.v1.ListDatasetsRequest;
import dev.kogata.orchestrator.v1.ListDatasetsResponse;
import dev.kogata.orchestrator.v1.ListJobsRequest;
import dev.kogata.orchestrator.v1.ListJobsResponse;
import dev.kogata.orchestrator.v1.ListModelsRequest;
import dev.kogata.orchestrator.v1.ListModelsResponse;
import dev.kogata.orchestrator.v1.Model;
import dev.kogata.orchestrator.v1.OrchestratorServiceGrpc.OrchestratorServiceImplBase;
import dev.kogata.orchestrator.v1.Usage;
import dev.kogata.orchestrator.v1.WatchJobRequest;
import dev.kogata.orchestrator.v1.WhatIfRequest;
import dev.kogata.orchestrator.v1.WhatIfResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import io.smallrye.common.annotation.Blocking;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/** Keeps models, datasets and jobs in memory; a test says what happens to them, and reads what was asked. Thread-safe. */
@GrpcService
@Blocking
public class FakeOrchestrator extends OrchestratorServiceImplBase {
    private record Watcher(String job, StreamObserver<JobEvent> observer) {}

    private final Map<String, Model> models = new ConcurrentHashMap<>();
    private final Map<String, Dataset> datasets = new ConcurrentHashMap<>();
    private final Map<String, Job> jobs = new ConcurrentHashMap<>();
    private final Map<String, JobResult> results = new ConcurrentHashMap<>();
    private final Map<String, List<JobEvent>> events = new ConcurrentHashMap<>();
    private final List<Watcher> watchers = new CopyOnWriteArrayList<>();
    private final List<CreateJobRequest> asked = new CopyOnWriteArrayList<>();
    private final List<ListJobsRequest> listed = new CopyOnWriteArrayList<>();
    private final Map<String, String> owners = new ConcurrentHashMap<>();
    private volatile KogataException refusal;
    private volatile long bytesLimit;

    /** From now on creating anything is refused like this; null for not. */
    public void refuse(KogataException with) {
        refusal = with;
    }

    /** From now on every tenant may have so many bytes; 0 for any number. */
    public void limitBytes(long most) {
        bytesLimit = most;
    }

    public List<CreateJobRequest> askedJobs() {
        return asked;
    }

    public List<ListJobsRequest> askedLists() {
        return listed;
    }

    public Artifact manifestOf(String model) {
        return models.get(model).getManifest();
    }

    /** A job with no event yet. */
    public synchronized void job(String name) {
        job(name, Tenant.DEFAULT);
    }

    /** The same of a tenant. */
    public synchronized void job(String name, String tenant) {
        owners.put(name, tenant);
        jobs.put(name, Job.newBuilder().setName(name).setState(JobState.QUEUED).setBudgetBytes(5_000_000_000L).build());
        events.put(name, new CopyOnWriteArrayList<>());
    }

    /** The next event of a job; watchers get it. */
    public synchronized void event(String job, JobState state) {
        List<JobEvent> all = events.get(job);
        JobEvent event = JobEvent.newBuilder().setJob(job).setSequence(all.size() + 1L).setState(state).setMessage(state.name()).build();
        all.add(event);
        jobs.computeIfPresent(job, (name, old) -> old.toBuilder().setState(state).setLastSequence(event.getSequence()).build());
        for (Watcher watcher : watchers) {
            if (watcher.job().equals(job)) {
                watcher.observer().onNext(event);
                endIfOver(event, watcher);
            }
        }
    }

    public void result(JobResult result) {
        results.put(result.getJob(), result);
    }

    public boolean isWatched(String job) {
        return watchers.stream().anyMatch(watcher -> watcher.job().equals(job));
    }

    private void endIfOver(JobEvent event, Watcher watcher) {
        if (event.getState().getNumber() >= JobState.SUCCEEDED_VALUE) {
            watchers.remove(watcher);
            watcher.observer().onCompleted();
        }
    }

    @Override
    public void createModel(CreateModelRequest request, StreamObserver<Model> answer) {
        String sha256 = request.getManifest().getSha256();
        String name = "models/" + sha256.substring(0, 12);
        owners.put(name, Tenant.current());
        answer(answer, () -> models.computeIfAbsent(name, unknown -> Model.newBuilder().setName(name).setSha256(sha256)
            .setDisplayName(request.getDisplayName()).setManifest(request.getManifest()).setSizeBytes(6_000_000_000L).build()));
    }

    @Override
    public void getModel(GetModelRequest request, StreamObserver<Model> answer) {
        answer(answer, () -> found(models, request.getName()));
    }

    @Override
    public void listModels(ListModelsRequest request, StreamObserver<ListModelsResponse> answer) {
        answer(answer, () -> ListModelsResponse.newBuilder().addAllModels(models.values()).build());
    }

    @Override
    public void createDataset(CreateDatasetRequest request, StreamObserver<Dataset> answer) {
        String sha256 = request.getManifest().getSha256();
        String name = "datasets/" + sha256.substring(0, 12);
        owners.put(name, Tenant.current());
        answer(answer, () -> datasets.computeIfAbsent(name, unknown -> Dataset.newBuilder().setName(name).setSha256(sha256)
            .setManifest(request.getManifest()).build()));
    }

    @Override
    public void getDataset(GetDatasetRequest request, StreamObserver<Dataset> answer) {
        answer(answer, () -> found(datasets, request.getName()));
    }

    @Override
    public void listDatasets(ListDatasetsRequest request, StreamObserver<ListDatasetsResponse> answer) {
        answer(answer, () -> ListDatasetsResponse.newBuilder().addAllDatasets(datasets.values()).build());
    }

    @Override
    public void createJob(CreateJobRequest request, StreamObserver<Job> answer) {
        asked.add(request);
        answer(answer, () -> Job.newBuilder().setName("jobs/new").setState(JobState.QUEUED).setRequest(request.getJob()).build());
    }

    @Override
    public void getJob(GetJobRequest request, StreamObserver<Job> answer) {
        answer(answer, () -> found(jobs, request.getName()));
    }

    @Override
    public void listJobs(ListJobsRequest request, StreamObserver<ListJobsResponse> answer) {
        listed.add(request);
        answer(answer, () -> ListJobsResponse.newBuilder().setNextPageToken("more").build());
    }

    @Override
    public void deleteModel(DeleteModelRequest request, StreamObserver<Empty> answer) {
        delete(models, request.getName(), answer);
    }

    @Override
    public void deleteDataset(DeleteDatasetRequest request, StreamObserver<Empty> answer) {
        delete(datasets, request.getName(), answer);
    }

    @Override
    public void deleteJob(DeleteJobRequest request, StreamObserver<Empty> answer) {
        delete(jobs, request.getName(), answer);
    }

    private void delete(Map<String, ?> all, String name, StreamObserver<Empty> answer) {
        found(all, name);
        answer(answer, () -> {
            all.remove(name);
            return Empty.getDefaultInstance();
        });
    }

    @Override
    public void whatIf(WhatIfRequest request, StreamObserver<WhatIfResponse> answer) {
        answer(answer, () -> WhatIfResponse.newBuilder().setJob(request.getName()).setEstimate(true).setEstimatedKl(request.getBudget().getRatio())
            .setBudgetBytes(request.getBudget().getBytes()).build());
    }

    @Override
    public void continueJob(ContinueJobRequest request, StreamObserver<Job> answer) {
        answer(answer, () -> Job.newBuilder().setName(request.getName() + "-continued").setMessage(request.getIdempotencyKey())
            .setRequest(JobRequest.newBuilder().setContinueFrom(request.getName()).setTrials(request.getTrials())).build());
    }

    @Override
    public void cancelJob(CancelJobRequest request, StreamObserver<Job> answer) {
        found(jobs, request.getName());
        event(request.getName(), JobState.CANCELLED);
        answer(answer, () -> found(jobs, request.getName()));
    }

    @Override
    public synchronized void watchJob(WatchJobRequest request, StreamObserver<JobEvent> answer) {
        found(jobs, request.getName());
        Watcher watcher = new Watcher(request.getName(), answer);
        ((ServerCallStreamObserver<JobEvent>) answer).setOnCancelHandler(() -> watchers.remove(watcher));
        watchers.add(watcher);
        for (JobEvent event : events.get(request.getName())) {
            if (event.getSequence() > request.getAfterSequence()) {
                answer.onNext(event);
                endIfOver(event, watcher);
            }
        }
    }

    @Override
    public void getJobResult(GetJobResultRequest request, StreamObserver<JobResult> answer) {
        answer(answer, () -> found(results, request.getName()));
    }

    @Override
    public void estimateJob(EstimateJobRequest request, StreamObserver<JobEstimate> answer) {
        answer(answer, () -> JobEstimate.newBuilder().setTrials(request.getJob().getTrials()).addNotes("Unknown.").build());
    }

    @Override
    public void getUsage(GetUsageRequest request, StreamObserver<Usage> answer) {
        answer.onNext(Usage.newBuilder().setBytesLimit(bytesLimit).build());
        answer.onCompleted();
    }

    private <T> T found(Map<String, T> all, String name) {
        T one = all.get(name);
        if (one == null || !owners.getOrDefault(name, Tenant.DEFAULT).equals(Tenant.current())) {
            throw KogataException.notFound("The resource", name);
        }
        return one;
    }

    private <T> void answer(StreamObserver<T> observer, Supplier<T> value) {
        KogataException refused = refusal;
        if (refused != null) {
            throw refused;
        }
        observer.onNext(value.get());
        observer.onCompleted();
    }
}
