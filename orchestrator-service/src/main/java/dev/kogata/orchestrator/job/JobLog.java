package dev.kogata.orchestrator.job;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.kogata.events.v1.JobChanged;
import dev.kogata.events.v1.ResultFile;
import dev.kogata.kit.artifact.Artifacts;
import dev.kogata.kit.event.Event;
import dev.kogata.kit.fault.FaultPoint;
import dev.kogata.orchestrator.catalog.ResourceIds;
import dev.kogata.orchestrator.v1.Job;
import dev.kogata.orchestrator.v1.JobEvent;
import dev.kogata.orchestrator.v1.JobState;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jdbi.v3.core.Handle;

/**
 * The one way in which a job changes: its row, its next event and the message for everybody else, in one transaction. Events
 * are numbered without gaps, states only move on, progress never falls. Thread-safe.
 */
final class JobLog {

    private static final String SOURCE = "//kogata.dev/orchestrator";

    private final BiConsumer<Handle, Event> outbox;
    private final JobBell bell;

    JobLog(BiConsumer<Handle, Event> outbox, JobBell bell) {
        this.outbox = outbox;
        this.bell = bell;
    }

    /** A job's row, locked until the transaction ends. */
    record Locked(String id, Job job, long fence) {
    }

    /** Locks a job's row. */
    Optional<Locked> lock(Handle handle, String id) {
        return handle.createQuery("select resource, fence from job where id = :id for update").bind("id", id)
                .map((row, context) -> new Locked(id, parse(row.getBytes("resource")), row.getLong("fence"))).findOne();
    }

    /** Locks the row of a job that is run under {@code lease}. */
    Job lock(Handle handle, JobLease lease) {
        Locked row = lock(handle, lease.job()).orElseThrow(() -> new JobLost(lease, true));
        boolean ended = JobStates.ended(row.job().getState());
        if (ended || row.fence() != lease.fence()) {
            throw new JobLost(lease, ended);
        }
        return row.job();
    }

    /** Stores the first event of a job whose row was inserted in this transaction. */
    void begin(Handle handle, String id, Job job) {
        publish(handle, id, job, event(job).build());
    }

    /**
     * Changes a locked job.
     *
     * @param changed the job with its new values; number, time and progress are seen to here
     * @param detail what the event says beside the job's new values
     */
    Job append(Handle handle, String id, Job before, Job.Builder changed, JobEvent detail) {
        if (changed.getState().getNumber() < before.getState().getNumber() || JobStates.ended(before.getState())) {
            throw new IllegalStateException("job " + id + " cannot go from " + before.getState() + " to " + changed.getState());
        }
        Job after = changed
                .setProgress(Math.min(1, Math.max(before.getProgress(), changed.getProgress())))
                .setLastSequence(before.getLastSequence() + 1)
                .setUpdateTime(ResourceIds.now())
                .build();
        handle.createUpdate("update job set state = :state, resource = :resource where id = :id")
                .bind("state", after.getState().name()).bind("resource", after.toByteArray()).bind("id", id).execute();
        publish(handle, id, after, event(after).mergeFrom(detail).build());
        return after;
    }

    private static JobEvent.Builder event(Job job) {
        JobEvent.Builder event = JobEvent.newBuilder().setJob(job.getName()).setSequence(job.getLastSequence()).setTime(job.getUpdateTime())
                .setState(job.getState()).setProgress(job.getProgress()).setMessage(job.getMessage());
        if (job.getState() == JobState.FAILED) {
            event.setError(job.getError());
        }
        return event;
    }

    private void publish(Handle handle, String id, Job job, JobEvent event) {
        handle.createUpdate("insert into job_event (job, sequence, event) values (:job, :sequence, :event)")
                .bind("job", id).bind("sequence", event.getSequence()).bind("event", event.toByteArray()).execute();
        outbox.accept(handle, new Event(Event.JOBS, event.getJob(), event.getJob() + "/" + event.getSequence(), SOURCE, Event.JOB_CHANGED,
                message(handle, id, job, event)));
        FaultPoint.reach("job.before-commit." + event.getState());
        handle.afterCommit(() -> {
            FaultPoint.reach("job.after-commit." + event.getState());
            bell.ring(id);
        });
    }

    /** What everybody is told; of a success also the files, whose row the same transaction has written. */
    private static JobChanged message(Handle handle, String id, Job job, JobEvent event) {
        JobChanged.Builder message = JobChanged.newBuilder().setEvent(event);
        if (job.getRequest().hasCause()) {
            message.setCause(job.getRequest().getCause());
        }
        if (event.getState() == JobState.SUCCEEDED) {
            JobStore.result(handle, id).getFilesList().forEach(file -> message.addFiles(ResultFile.newBuilder().setPath(file.getPath())
                    .setUri(Artifacts.of(file.getSha256(), file.getSizeBytes(), Artifacts.BYTES).getUri()).setSha256(file.getSha256())
                    .setSizeBytes(file.getSizeBytes()).setDownload(download(job.getName(), file.getPath()))));
        }
        return message.build();
    }

    private static String download(String job, String path) {
        try {
            return new URI(null, null, "/v1/" + job + "/result/" + path, null).getRawPath();
        } catch (URISyntaxException e) {
            throw new IllegalStateException("an absolute path is always a URI reference", e);
        }
    }

    static Job parse(byte[] resource) {
        try {
            return Job.parseFrom(resource);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("a row of job is no message", e);
        }
    }
}
