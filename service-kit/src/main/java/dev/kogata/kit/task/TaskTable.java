package dev.kogata.kit.task;

import com.google.protobuf.Any;
import com.google.rpc.Status;
import dev.kogata.kit.artifact.Sha256;
import dev.kogata.tasks.v1.TaskState;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;

/** The SQL of the task table, in the subset that H2 and PostgreSQL share. All times are the database's. */
final class TaskTable {
    static final int LONGEST_NAME = 200;
    static final int LONGEST_MESSAGE = 1000;

    /** False where the request id is there already, also one that another transaction commits meanwhile. */
    boolean insert(Handle handle, String name, String requestId, String job, String tenant, byte[] request, int attempts) {
        return handle.createUpdate("""
                        insert into task (name, request_id, request_sha256, job, tenant, request, state, progress, message,
                                attempts, attempts_left, fence, worker, create_time, update_time)
                        values (:name, :requestId, :sha256, :job, :tenant, :request, 'WAITING', 0, '',
                                0, :attempts, 0, '', current_timestamp, current_timestamp)
                        on conflict do nothing""")
                .bind("name", name).bind("requestId", requestId).bind("sha256", Sha256.of(request))
                .bind("job", job).bind("tenant", tenant).bind("request", request).bind("attempts", attempts).execute() == 1;
    }

    Optional<TaskRow> byRequest(Handle handle, String requestId) {
        return handle.createQuery("select * from task where request_id = :id").bind("id", requestId).map(TaskTable::row).findOne();
    }

    Optional<TaskRow> byName(Handle handle, String name) {
        return handle.createQuery("select * from task where name = :name").bind("name", name).map(TaskTable::row).findOne();
    }

    Optional<TaskRow> lockedByRequest(Handle handle, String requestId) {
        return handle.createQuery("select * from task where request_id = :id for update").bind("id", requestId).map(TaskTable::row).findOne();
    }

    Optional<TaskRow> locked(Handle handle, String name) {
        return handle.createQuery("select * from task where name = :name for update").bind("name", name).map(TaskTable::row).findOne();
    }

    List<TaskRow> list(Handle handle, long before, int limit) {
        return handle.createQuery("select * from task where number < :before order by number desc limit :limit")
                .bind("before", before).bind("limit", limit).map(TaskTable::row).list();
    }

    long waiting(Handle handle) {
        return handle.createQuery("select count(*) from task where state = 'WAITING'").mapTo(long.class).one();
    }

    long running(Handle handle) {
        return handle.createQuery("select count(*) from task where state = 'RUNNING'").mapTo(long.class).one();
    }

    /**
     * Tasks claimed by others at this moment are passed over, not waited for. Two statements: each one more is a way to the database and
     * back for every task there is.
     */
    Optional<TaskRow> claim(Handle handle, String worker, Duration lease) {
        return handle.createQuery("""
                        select task.*, current_timestamp as now from task
                        where state = 'WAITING' and (wait_until is null or wait_until <= current_timestamp)
                        order by number limit 1 for update skip locked""")
                .map((row, context) -> {
                    TaskRow waiting = row(row, context);
                    OffsetDateTime until = row.getObject("now", OffsetDateTime.class).plus(lease);
                    return new Claimed(waiting, until);
                }).findOne().map(claimed -> {
                    handle.createUpdate("""
                                    update task set state = 'RUNNING', fence = fence + 1, attempts = attempts + 1, worker = :worker,
                                            lease_until = :until, progress = 0, message = '', update_time = current_timestamp
                                    where number = :number""")
                            .bind("worker", worker).bind("until", claimed.until).bind("number", claimed.row.number()).execute();
                    return claimed.row.claimedBy(worker);
                });
    }

    /** A waiting task that this transaction has locked, and until when its lease is to be. */
    private record Claimed(TaskRow row, OffsetDateTime until) {}

    void renew(Handle handle, TaskRow row, Duration lease, double progress, String message) {
        handle.createUpdate("""
                        update task set lease_until = :until, progress = :progress, message = :message,
                                update_time = current_timestamp where number = :number""")
                .bind("until", now(handle).plus(lease)).bind("progress", progress).bind("message", message)
                .bind("number", row.number()).execute();
    }

    int renewAll(Handle handle, Duration lease) {
        return handle.createUpdate("update task set lease_until = :until where state = 'RUNNING'")
                .bind("until", now(handle).plus(lease)).execute();
    }

    /** @param pause time before anybody may claim it */
    TaskRow waitAgain(Handle handle, TaskRow row, int attemptsLeft, byte[] endedAttempts, Duration pause) {
        handle.createUpdate("""
                        update task set state = 'WAITING', attempts_left = :left, lease_until = null, wait_until = :until, ended_attempts = :ended,
                                update_time = current_timestamp where number = :number""")
                .bind("left", attemptsLeft).bind("until", now(handle).plus(pause)).bind("ended", endedAttempts).bind("number", row.number()).execute();
        return byName(handle, row.name()).orElseThrow();
    }

    /** Whether a task may wait longer for what is not its own fault; its patience begins with the first call. */
    boolean patient(Handle handle, TaskRow row, Duration patience) {
        OffsetDateTime now = now(handle);
        handle.createUpdate("update task set patient_until = :until where number = :number and patient_until is null")
                .bind("until", now.plus(patience)).bind("number", row.number()).execute();
        return now.isBefore(handle.createQuery("select patient_until from task where number = :number").bind("number", row.number())
                .mapTo(OffsetDateTime.class).one());
    }

    TaskRow end(Handle handle, TaskRow row, TaskState state, Any result, Status error, byte[] endedAttempts) {
        handle.createUpdate("""
                        update task set state = :state, result = :result, error = :error, lease_until = null, ended_attempts = :ended,
                                progress = :progress, update_time = current_timestamp where number = :number""")
                .bind("state", state.name()).bind("result", result == null ? null : result.toByteArray())
                .bind("error", error == null ? null : error.toByteArray())
                .bind("ended", endedAttempts).bind("progress", state == TaskState.SUCCEEDED ? 1 : row.progress())
                .bind("number", row.number()).execute();
        return byName(handle, row.name()).orElseThrow();
    }

    List<TaskRow> lost(Handle handle) {
        return handle.createQuery("""
                        select * from task where state = 'RUNNING' and lease_until < :now order by number
                        for update skip locked""").bind("now", now(handle)).map(TaskTable::row).list();
    }

    /** Tasks held by a worker, or by workers of a host. */
    List<TaskRow> heldBy(Handle handle, String worker) {
        Predicate<String> named = Pattern.compile(Pattern.quote(worker) + "(-\\d+-[0-9a-f]+)?").asMatchPredicate();
        return handle.createQuery("select * from task where state = 'RUNNING' and substring(worker, 1, :length) = :worker order by number for update")
                .bind("length", worker.length()).bind("worker", worker).map(TaskTable::row).list().stream().filter(row -> named.test(row.worker())).toList();
    }

    void delete(Handle handle, String name) {
        handle.createUpdate("delete from task where name = :name").bind("name", name).execute();
    }

    int purge(Handle handle, Duration keep) {
        return handle.createUpdate("""
                        delete from task where state in ('SUCCEEDED', 'FAILED', 'CANCELLED') and update_time < :limit""")
                .bind("limit", now(handle).minus(keep)).execute();
    }

    private static OffsetDateTime now(Handle handle) {
        return handle.createQuery("select current_timestamp").mapTo(OffsetDateTime.class).one();
    }

    private static TaskRow row(ResultSet row, StatementContext context) throws SQLException {
        return new TaskRow(row.getLong("number"), row.getString("name"), row.getString("request_sha256"), row.getString("job"), row.getString("tenant"),
                row.getBytes("request"), TaskState.valueOf(row.getString("state")), row.getDouble("progress"),
                row.getString("message"), row.getInt("attempts"), row.getInt("attempts_left"), row.getLong("fence"),
                row.getString("worker"), row.getBytes("result"), row.getBytes("error"),
                row.getBytes("ended_attempts"));
    }
}
