package dev.kogata.gateway.grpc;

import com.google.longrunning.ListOperationsResponse;
import com.google.longrunning.Operation;
import com.google.protobuf.Any;
import dev.kogata.common.v1.Reason;
import dev.kogata.gateway.OrchestratorClient;
import dev.kogata.gateway.identity.AuditLog;
import dev.kogata.gateway.identity.Authenticator;
import dev.kogata.gateway.identity.Caller;
import dev.kogata.gateway.job.JobWaits;
import dev.kogata.gateway.json.PageSize;
import dev.kogata.kit.error.Incident;
import dev.kogata.kit.error.KogataException;
import dev.kogata.kit.task.OperationSource;
import dev.kogata.orchestrator.v1.Job;
import dev.kogata.orchestrator.v1.JobState;
import dev.kogata.orchestrator.v1.ListJobsResponse;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/** Jobs as long-running operations: {@code jobs/ID}, the Job as metadata, the JobResult as response. Thread-safe. */
@Singleton
class JobOperations implements OperationSource {
    private final OrchestratorClient orchestrator;
    private final Authenticator authenticator;

    @Inject
    JobOperations(OrchestratorClient orchestrator, Authenticator authenticator) {
        this.orchestrator = orchestrator;
        this.authenticator = authenticator;
    }

    @Override
    public String collection() {
        return "jobs";
    }

    @Override
    public Operation get(String name) {
        OrchestratorClient client = client();
        return operation(client, client.job(name));
    }

    @Override
    public CompletionStage<Operation> await(String name, Duration wait) {
        OrchestratorClient client = client();
        return JobWaits.ended(client, client.job(name), wait, Infrastructure.getDefaultWorkerPool()).thenApply(job -> operation(client, job));
    }

    @Override
    public ListOperationsResponse list(int pageSize, String pageToken, String filter) {
        OrchestratorClient client = client();
        ListJobsResponse page = client.jobs(PageSize.checked(pageSize), pageToken, filter);
        ListOperationsResponse.Builder operations = ListOperationsResponse.newBuilder().setNextPageToken(page.getNextPageToken());
        page.getJobsList().forEach(job -> operations.addOperations(operation(client, job)));
        return operations.build();
    }

    @Override
    public void cancel(String name) {
        change("CancelOperation", name, client -> client.cancelJob(name));
    }

    @Override
    public void delete(String name) {
        change("DeleteOperation", name, client -> client.deleteJob(name));
    }

    /** Granted or not, it is written down. */
    private void change(String what, String name, Consumer<OrchestratorClient> work) {
        Caller caller = null;
        try {
            caller = CallHeaders.caller(authenticator);
            work.accept(orchestrator.as(caller.tenant()));
        } catch (RuntimeException e) {
            KogataException error = Incident.of(e);
            AuditLog.record(caller, what + " " + name, error.code().grpc().name(), error.reason().name());
            throw error;
        }
        AuditLog.record(caller, what + " " + name, "OK", "");
    }

    private OrchestratorClient client() {
        return orchestrator.as(CallHeaders.caller(authenticator).tenant());
    }

    private static Operation operation(OrchestratorClient client, Job job) {
        Operation.Builder operation = Operation.newBuilder().setName(job.getName()).setMetadata(Any.pack(job)).setDone(JobWaits.hasEnded(job));
        if (job.getState() == JobState.SUCCEEDED) {
            operation.setResponse(Any.pack(client.result(job.getName())));
        } else if (job.getState() == JobState.FAILED) {
            operation.setError(job.getError());
        } else if (job.getState() == JobState.CANCELLED) {
            operation.setError(new KogataException(Reason.CANCELLED, "The job was cancelled.").toStatus());
        }
        return operation.build();
    }
}
