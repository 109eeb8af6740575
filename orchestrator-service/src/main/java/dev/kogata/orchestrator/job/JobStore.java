package dev.kogata.orchestrator.job;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.kogata.kit.database.Database;
import dev.kogata.kit.error.KogataException;
import dev.kogata.kit.event.Event;
import dev.kogata.orchestrator.deletion.Leftovers;
import dev.kogata.orchestrator.catalog.Page;
import dev.kogata.orchestrator.quota.Quotas;
import dev.kogata.orchestrator.v1.Job;
import dev.kogata.orchestrator.v1.JobEvent;
import dev.kogata.orchestrator.v1.JobResult;
import dev.kogata.orchestrator.v1.JobState;
import dev.kogata.orchestrator.v1.TrialEvent;
import dev.kogata.orchestrator.v1.Usage;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;

/** Jobs and their events in the database. Thread-safe; what a job's own run writes is in {@link JobRun}. */
public final class JobStore {

    private final Database database;
    private final JobLog log;
    private final Quotas quotas;

    /** Events go to {@code outbox} in the transaction that makes them true; {@code bell} rings after it. */
    public JobStore(Database database, BiConsumer<Handle, Event> outbox, JobBell bell, Quotas quotas) {
        this.database = database;
        this.log = new JobLog(outbox, bell);
        this.quotas = quotas;
    }

    Database database() {
        return database;
    }

    JobLog log() {
        return log;
    }

    /**
     * Stores a new job with its first event, unless its tenant used the key before: then nothing is stored and this is empty.
     *
     * @param origin the job whose journal and results it goes on with
     */
    Optional<Job> insert(String tenant, String id, Job job, String key, Optional<Origin> origin) {
        return database.inTransaction(handle -> {
            // Both in this order everywhere: nothing that the job needs is deleted or freed meanwhile.
            Leftovers.lock(handle);
            Quotas.lock(handle, tenant);
            requireThere(handle, tenant, "model", "The model", job.getRequest().getModel());
            requireThere(handle, tenant, "dataset", "The dataset", job.getRequest().getDataset());
            requireThere(handle, tenant, "dataset", "The dataset", job.getRequest().getHeldout());
            int rows = handle.createUpdate("""
                            insert into job (id, tenant, idempotency_key, state, resource, trials, fence)
                            values (:id, :tenant, :key, :state, :resource, :trials, 0) on conflict do nothing""")
                    .bind("id", id).bind("tenant", tenant).bind("key", key.isEmpty() ? null : key)
                    .bind("state", job.getState().name()).bind("resource", job.toByteArray()).bind("trials", job.getRequest().getTrials()).execute();
            if (rows == 0) {
                return Optional.<Job>empty();
            }
            quotas.requireRoomForInserted(handle, tenant, job.getRequest().getTrials());
            origin.ifPresent(from -> copy(handle, from, id));
            log.begin(handle, id, job);
            return Optional.of(job);
        });
    }

    /** Also where it was deleted since the request was checked. */
    private static void requireThere(Handle handle, String tenant, String table, String what, String name) {
        String id = name.substring(name.indexOf('/') + 1);
        if (!name.isEmpty() && handle.createQuery("select count(*) from " + table + " where tenant = :tenant and id = :id").bind("tenant", tenant).bind("id", id)
                .mapTo(long.class).one() == 0) {
            throw KogataException.notFound(what, name);
        }
    }

    Usage usage(String tenant) {
        return database.withHandle(handle -> quotas.usage(handle, tenant));
    }

    /**
     * What a job goes on from.
     *
     * @param id of the other job
     * @param point the one trial that is taken over, with all that was made before the search; all trials and results where empty
     * @param job what it counts as done
     */
    record Origin(String id, Optional<Trial> point, Job job) {
    }

    /** What the other job found is true of the new one too, but for what was said of its result as a whole. */
    private static void copy(Handle handle, Origin from, String to) {
        // Names of tasks that belong to trials or plans have a slash.
        handle.createUpdate("""
                        insert into job_task (job, name, operation, result)
                        select :to, name, operation, result from job_task
                        where job = :from and result is not null and name <> 'verify' and (:all or name not like '%/%')""")
                .bind("from", from.id()).bind("to", to).bind("all", from.point().isEmpty()).execute();
        handle.createUpdate("""
                        insert into trial (job, number, origin, parameters, state, loss, quality, bytes, plan, asked_at, told_at, proposal_seconds)
                        select :to, number, origin, parameters, state, loss, quality, bytes, plan, asked_at, told_at, proposal_seconds from trial
                        where job = :from and (:all or number = :point)""")
                .bind("from", from.id()).bind("to", to).bind("all", from.point().isEmpty()).bind("point", from.point().map(Trial::number).orElse(0)).execute();
    }

    Optional<Job> find(String tenant, String id) {
        return one("id", tenant, id);
    }

    Optional<Job> findByKey(String tenant, String key) {
        return one("idempotency_key", tenant, key);
    }

    Page<Job> list(String tenant, int pageSize, String pageToken, List<String> states) {
        return Page.of(pageSize, pageToken, (before, limit) -> database.withHandle(handle -> handle
                .createQuery("select number, resource from job where tenant = :tenant and state in (<states>) and number < :before order by number desc limit :limit")
                .bind("tenant", tenant).bindList("states", states).bind("before", before).bind("limit", limit)
                .map(Page.numbered(JobStore::job)).list()));
    }

    /** A job's events after a number, oldest first. */
    List<JobEvent> events(String id, long after, int limit) {
        return database.withHandle(handle -> handle
                .createQuery("select event from job_event where job = :job and sequence > :after order by sequence limit :limit")
                .bind("job", id).bind("after", after).bind("limit", limit).map((row, context) -> event(row)).list());
    }

    /** Whether the job has ended with an event of at most this number. */
    boolean endedAt(String id, long sequence) {
        return database.withHandle(handle -> handle.createQuery("select resource from job where id = :id and state not in (<active>)")
                .bind("id", id).bindList("active", JobStates.ACTIVE).map(JobStore::job).findOne())
                .filter(job -> job.getLastSequence() <= sequence).isPresent();
    }

    /** The result of a job that has SUCCEEDED. */
    Optional<JobResult> result(String tenant, String id) {
        return database.withHandle(handle -> handle.createQuery("select result from job where tenant = :tenant and id = :id and result is not null")
                .bind("tenant", tenant).bind("id", id).map((row, context) -> result(row)).findOne());
    }

    /** The result that this transaction has just written. */
    static JobResult result(Handle handle, String id) {
        return handle.createQuery("select result from job where id = :id").bind("id", id).map((row, context) -> result(row)).one();
    }

    /** Ends a job by request; one that has ended stays as it is. Empty where the tenant has no such job. */
    Optional<Job> cancel(String tenant, String id) {
        // Before the transaction: one that asked for a second connection meanwhile would wait for others that do the same.
        if (find(tenant, id).isEmpty()) {
            return Optional.empty();
        }
        return database.inTransaction(handle -> log.lock(handle, id).map(JobLog.Locked::job).map(before -> JobStates.ended(before.getState()) ? before
                : log.append(handle, id, before, before.toBuilder().setState(JobState.CANCELLED).setMessage("Cancelled by request."), JobEvent.getDefaultInstance())));
    }

    /** An operation whose result nobody waits for any more. */
    public record Forsaken(String job, String task, String operation) {
    }

    /** Operations of jobs that have ended which were not told so yet, some of them. */
    public List<Forsaken> forsaken(int limit) {
        return database.withHandle(handle -> handle.createQuery("""
                        select t.job, t.name, t.operation from job_task t join job j on j.id = t.job
                        where t.result is null and not t.closed and j.state not in (<active>) order by t.job, t.name limit :limit""")
                .bindList("active", JobStates.ACTIVE).bind("limit", limit)
                .map((row, context) -> new Forsaken(row.getString("job"), row.getString("name"), row.getString("operation"))).list());
    }

    /** The operation was told. */
    public void close(Forsaken operation) {
        database.withHandle(handle -> handle.createUpdate("update job_task set closed = true where job = :job and name = :name")
                .bind("job", operation.job()).bind("name", operation.task()).execute());
    }

    /** A tenant's jobs that have SUCCEEDED, newest first. */
    public List<Job> succeeded(String tenant, int limit) {
        return list(tenant, limit, "", List.of(JobState.SUCCEEDED.name())).items();
    }

    /** What was told of a job's trials, in the order of the events. */
    public List<TrialEvent> trialEvents(Job job) {
        return events(Jobs.id(job.getName()).orElseThrow(), 0, Integer.MAX_VALUE).stream().filter(JobEvent::hasTrial).map(JobEvent::getTrial).toList();
    }

    /** The journal of a job's search, by number. */
    public List<Trial> journal(String id) {
        return database.withHandle(handle -> TrialTable.ofJob(handle, id));
    }

    /** The result of a task of a job that was done. */
    Optional<Any> taskResult(String id, String name) {
        return database.withHandle(handle -> handle.createQuery("select result from job_task where job = :job and name = :name and result is not null")
                .bind("job", id).bind("name", name).map((row, context) -> any(row.getBytes("result"))).findOne());
    }

    private static Any any(byte[] bytes) {
        try {
            return Any.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("a row of job_task is no message", e);
        }
    }

    private Optional<Job> one(String column, String tenant, String value) {
        return database.withHandle(handle -> handle.createQuery("select resource from job where tenant = :tenant and " + column + " = :value")
                .bind("tenant", tenant).bind("value", value).map(JobStore::job).findOne());
    }

    private static Job job(ResultSet row, StatementContext context) throws SQLException {
        return JobLog.parse(row.getBytes("resource"));
    }

    private static JobEvent event(ResultSet row) throws SQLException {
        try {
            return JobEvent.parseFrom(row.getBytes("event"));
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("a row of job_event is no message", e);
        }
    }

    private static JobResult result(ResultSet row) throws SQLException {
        try {
            return JobResult.parseFrom(row.getBytes("result"));
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("a row of job has a result that is no message", e);
        }
    }
}
