package dev.kogata.orchestrator.job;

import com.google.protobuf.Any;
import com.google.rpc.Status;
import dev.kogata.orchestrator.v1.Job;
import dev.kogata.orchestrator.v1.JobEvent;
import dev.kogata.orchestrator.v1.JobResult;
import dev.kogata.orchestrator.v1.JobState;
import dev.kogata.orchestrator.v1.TrialEvent;
import dev.kogata.pruner.v1.BuildElasticWeightsResult;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;

/**
 * What the holder of a job's lease reads and writes: state, tasks and journal. Every write happens under the lease's fence and
 * only while the job has not ended; else it is refused with {@link JobLost} and changes nothing. Thread-safe.
 */
public final class JobRun {

    private final JobStore store;
    private final JobLease lease;

    public JobRun(JobStore store, JobLease lease) {
        this.store = store;
        this.lease = lease;
    }

    /** The lease it is run under. */
    public JobLease lease() {
        return lease;
    }

    /** The job as it stands. */
    public Job job() {
        return locked(handle -> store.log().lock(handle, lease));
    }

    /** Tenant that the job belongs to. */
    public String tenant() {
        return store.database().withHandle(handle -> handle.createQuery("select tenant from job where id = :id").bind("id", lease.job()).mapTo(String.class).one());
    }

    /**
     * Goes on: a state, a share of the work done, and what is being done. A resumed job that has been further already stays where
     * it is.
     */
    public void advance(JobState state, double progress, String message) {
        locked(handle -> {
            Job job = store.log().lock(handle, lease);
            return job.getState().getNumber() > state.getNumber() || job.getState() == state && job.getProgress() >= progress && job.getMessage().equals(message)
                    ? job
                    : store.log().append(handle, lease.job(), job, job.toBuilder().setState(state).setProgress(progress).setMessage(message), JobEvent.getDefaultInstance());
        });
    }

    /** Adds a sentence that the owner should know. */
    public void remark(String sentence) {
        locked(handle -> {
            Job job = store.log().lock(handle, lease);
            return job.getRemarksList().contains(sentence) ? job
                    : store.log().append(handle, lease.job(), job, job.toBuilder().addRemarks(sentence), JobEvent.getDefaultInstance());
        });
    }

    /** Ends the job with an error. */
    public Job fail(Status error) {
        return change(job -> job.setState(JobState.FAILED).setMessage(error.getMessage()).setError(error), JobEvent.getDefaultInstance());
    }

    /** Ends the job with its result: both or neither. */
    public Job succeed(JobResult result, String message) {
        return locked(handle -> {
            Job job = store.log().lock(handle, lease);
            handle.createUpdate("update job set result = :result where id = :id").bind("result", result.toByteArray()).bind("id", lease.job()).execute();
            return store.log().append(handle, lease.job(), job, job.toBuilder().setState(JobState.SUCCEEDED).setProgress(1).setMessage(message), JobEvent.getDefaultInstance());
        });
    }

    /** The result of a task that was done before. */
    public Optional<Any> taskResult(String name) {
        return store.taskResult(lease.job(), name);
    }

    /** Remembers which request starts a task, before it is sent. */
    public void taskAsked(String name, String request) {
        locked(handle -> {
            store.log().lock(handle, lease);
            return handle.createUpdate("insert into job_task (job, name, operation) values (:job, :name, :request) on conflict do nothing")
                    .bind("job", lease.job()).bind("name", name).bind("request", request).execute();
        });
    }

    /** Remembers what a task gave. */
    public void taskDone(String name, Any result) {
        JobMetrics.measured(result);
        locked(handle -> {
            store.log().lock(handle, lease);
            return handle.createUpdate("update job_task set result = :result where job = :job and name = :name")
                    .bind("result", result.toByteArray()).bind("job", lease.job()).bind("name", name).execute();
        });
    }

    /** A bank that a job of this tenant had built from the same content. */
    public Optional<KnownBank> knownBank(String content) {
        return store.database().withHandle(handle -> handle.createQuery(
                        "select k.job, k.result from elastic_weights k join job j on j.tenant = k.tenant where j.id = :id and k.content = :content")
                .bind("id", lease.job()).bind("content", content)
                .map((row, context) -> KnownBank.of(row.getString("job"), row.getBytes("result"))).findOne());
    }

    /** Remembers a bank for later jobs; the newest one is kept. */
    public void rememberBank(String content, BuildElasticWeightsResult result) {
        locked(handle -> {
            store.log().lock(handle, lease);
            handle.createUpdate("delete from elastic_weights where content = :content and tenant = (select tenant from job where id = :job)")
                    .bind("content", content).bind("job", lease.job()).execute();
            return handle.createUpdate("insert into elastic_weights (tenant, content, job, result) select tenant, :content, id, :result from job where id = :job")
                    .bind("content", content).bind("result", result.toByteArray()).bind("job", lease.job()).execute();
        });
    }

    /** Remembers something that was found without any service, under a name as of a task. */
    public void remember(String name, Any found) {
        locked(handle -> {
            store.log().lock(handle, lease);
            return handle.createUpdate("insert into job_task (job, name, operation, result) values (:job, :name, '', :result)")
                    .bind("job", lease.job()).bind("name", name).bind("result", found.toByteArray()).execute();
        });
    }

    /** The search's journal, by number. */
    public List<Trial> journal() {
        return store.journal(lease.job());
    }

    /** Writes a trial into the journal before it is measured. */
    public void trialAsked(Trial trial) {
        locked(handle -> {
            store.log().lock(handle, lease);
            TrialTable.insert(handle, lease.job(), trial);
            return trial;
        });
    }

    /** Writes down what a trial found, and tells everybody. */
    public void trialMeasured(Trial trial, double progress, String message, TrialEvent event) {
        locked(handle -> {
            Job job = store.log().lock(handle, lease);
            TrialTable.complete(handle, lease.job(), trial);
            return store.log().append(handle, lease.job(), job, job.toBuilder().setProgress(progress).setMessage(message)
                    .setFinishedTrials(job.getFinishedTrials() + 1).setBestLoss(event.getBestLoss()), JobEvent.newBuilder().setTrial(event).build());
        });
    }

    /** Writes down what a baseline beside the search found: it counts as no trial. */
    public void baselineMeasured(Trial trial) {
        locked(handle -> {
            store.log().lock(handle, lease);
            TrialTable.complete(handle, lease.job(), trial);
            return trial;
        });
    }

    private Job change(Function<Job.Builder, Job.Builder> change, JobEvent detail) {
        return locked(handle -> {
            Job job = store.log().lock(handle, lease);
            return store.log().append(handle, lease.job(), job, change.apply(job.toBuilder()), detail);
        });
    }

    private <T> T locked(Function<Handle, T> work) {
        return store.database().inTransaction(work::apply);
    }
}
