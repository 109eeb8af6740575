package dev.kogata.kit.task;

import com.google.longrunning.ListOperationsResponse;
import com.google.longrunning.Operation;
import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.rpc.Status;
import dev.kogata.common.v1.Reason;
import dev.kogata.kit.artifact.Sha256;
import dev.kogata.kit.config.KogataConfig;
import dev.kogata.kit.database.Database;
import dev.kogata.kit.error.Backoff;
import dev.kogata.kit.error.KogataException;
import dev.kogata.kit.event.Event;
import dev.kogata.kit.event.EventSender;
import dev.kogata.kit.event.Outbox;
import dev.kogata.kit.fault.FaultPoint;
import dev.kogata.kit.tenant.Tenant;
import dev.kogata.tasks.v1.Task;
import dev.kogata.tasks.v1.TaskState;
import dev.kogata.tasks.v1.WorkerEndCause;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;
import org.jdbi.v3.core.Handle;

/**
 * The tasks of one type: started by a service's API, done by workers, each an operation {@code TYPE/operations/ID}.
 * The table is the truth, several boards (replicas of the service) may work on it. Thread-safe.
 *
 * <p>A claim is a lease in database time with a fencing token. A worker that is silent for longer loses it; the task waits
 * again until its attempts are used up, then it is FAILED with {@code WORKER_LOST}. A worker whose predecessor ended abruptly
 * says so itself, which ends the attempt at once; the last one with {@code MODEL_CRASHED_RUNTIME}. A full disk, or a store that does not
 * answer, is no attempt for as long as patience lasts: the task waits again after a pause. Whoever comes with an old token is
 * refused with {@code LEASE_LOST}. Every change and its event are one transaction.
 */
public final class TaskBoard implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(TaskBoard.class);

    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

    private final String type;
    private final Database database;
    private final KogataConfig.Task config;
    private final TaskTable table;
    private final Backoff pauses;
    private final Outbox outbox;
    private final Listeners listeners = new Listeners();
    private final ScheduledExecutorService clock;
    private final LongSupplier nanos;
    /** When leases were looked at last; only the clock's thread has it. */
    private long looked;

    /** Opens the board of {@code type} in {@code database}'s schema, and from now on looks after its leases. */
    public TaskBoard(String type, Database database, EventSender sender, KogataConfig.Task config) {
        this(type, database, sender, config, System::nanoTime);
    }

    /** @param nanos the monotonic clock by which it knows how long it has not looked */
    TaskBoard(String type, Database database, EventSender sender, KogataConfig.Task config, LongSupplier nanos) {
        this.nanos = nanos;
        this.looked = nanos.getAsLong();
        this.type = type;
        this.database = database;
        this.config = config;
        this.table = new TaskTable();
        this.pauses = new Backoff(config.pause(), LONGEST_PAUSE);
        this.outbox = new Outbox(database, sender);
        this.clock = Executors.newSingleThreadScheduledExecutor(runnable -> {
            Thread thread = new Thread(runnable, "tasks-" + type);
            thread.setDaemon(true);
            return thread;
        });
        // While no board ran, no worker could send a heartbeat: they get their time back.
        database.inTransaction(handle -> table.renewAll(handle, config.lease()));
        long millis = config.check().toMillis();
        clock.scheduleWithFixedDelay(this::look, millis, millis, TimeUnit.MILLISECONDS);
        clock.scheduleWithFixedDelay(this::purge, 1, 60, TimeUnit.MINUTES);
    }

    /** Type of the tasks, the first part of their names. */
    public String type() {
        return type;
    }

    /** The schema that the tasks are in; a service's own tables may be changed in the same transaction. */
    public Database database() {
        return database;
    }

    /**
     * Starts a task, once per {@code requestId}: the same request again gives the same operation, another one
     * {@code IDEMPOTENCY_CONFLICT}. One that was cancelled before it came is cancelled from the start. It is the task of the tenant whom the call that is
     * being answered is about.
     *
     * @param request what the worker gets, packed; validated by the caller
     */
    public Operation start(String requestId, String job, Message request) {
        check(requestId, job);
        byte[] bytes = Any.pack(request).toByteArray();
        return database.inTransaction(handle -> {
            boolean created = table.insert(handle, freshName(), requestId, job, Tenant.current(), bytes, config.attempts());
            TaskRow row = table.byRequest(handle, requestId).orElseThrow();
            if (created) {
                changed(handle, row);
            } else if (row.request().length > 0 && !row.requestSha256().equals(Sha256.of(bytes))) {
                throw new KogataException(Reason.IDEMPOTENCY_CONFLICT,
                        "'" + requestId + "' was used before for another request; use a new request_id.", Map.of("request_id", requestId));
            }
            return row.toOperation(type);
        });
    }

    private String freshName() {
        return type + "/operations/" + Names.fresh();
    }

    private static void check(String requestId, String job) {
        if (requestId.isEmpty() || requestId.length() > TaskTable.LONGEST_NAME) {
            throw KogataException.invalid("request_id", "'request_id' must have 1 to " + TaskTable.LONGEST_NAME + " characters.");
        }
        if (job.length() > TaskTable.LONGEST_NAME) {
            throw KogataException.invalid("job", "'job' must have at most " + TaskTable.LONGEST_NAME + " characters.");
        }
    }

    /** The operation of a task; {@code NOT_FOUND} where there is none. */
    public Operation get(String name) {
        return database.withHandle(handle -> existing(table.byName(handle, name), name)).toOperation(type);
    }

    /** Operations, newest first; {@code pageToken} from the last answer, or empty. */
    public ListOperationsResponse list(int pageSize, String pageToken) {
        int size = pageSize <= 0 ? 50 : Math.min(pageSize, 1000);
        List<TaskRow> rows = database.withHandle(handle -> table.list(handle, Names.pageStart(pageToken), size + 1));
        ListOperationsResponse.Builder page = ListOperationsResponse.newBuilder();
        rows.stream().limit(size).forEach(row -> page.addOperations(row.toOperation(type)));
        if (rows.size() > size) {
            page.setNextPageToken(Long.toString(rows.get(size - 1).number()));
        }
        return page.build();
    }

    /** Cancels a task; one that has ended stays as it is. */
    public void cancel(String name) {
        inTransactionOn(name, this::cancel);
    }

    /** Cancels the task of a request, also of one whose start is still on its way: a row without a request waits for it. */
    public void cancelRequest(String requestId, String job) {
        check(requestId, job);
        database.inTransaction(handle -> {
            table.insert(handle, freshName(), requestId, job, Tenant.current(), new byte[0], 0);
            cancel(handle, table.lockedByRequest(handle, requestId).orElseThrow());
            return null;
        });
    }

    private void cancel(Handle handle, TaskRow row) {
        if (!row.ended()) {
            KogataException error = new KogataException(Reason.CANCELLED, "The task was cancelled.");
            changed(handle, table.end(handle, row, TaskState.CANCELLED, null, error.toStatus(), row.endedAttempts()));
        }
    }

    /** Forgets a task that has ended; {@code STATE_WRONG} for any other. */
    public void delete(String name) {
        inTransactionOn(name, (handle, row) -> {
            if (!row.ended()) {
                throw new KogataException(Reason.STATE_WRONG, "'" + name + "' is " + row.state() + "; cancel it first.",
                        Map.of("state", row.state().name()));
            }
            table.delete(handle, name);
        });
    }

    /** Gives the oldest waiting task to {@code worker}, with a lease from now on. */
    public Optional<Task> claim(String worker) {
        return database.inTransaction(handle -> table.claim(handle, Names.shortened(worker, TaskTable.LONGEST_NAME), config.lease()))
                .map(row -> row.toTask(type, config.lease()));
    }

    /** Renews a lease and stores the progress. True where the task was cancelled. */
    public boolean heartbeat(String name, long fence, double progress, String message) {
        return database.inTransaction(handle -> {
            TaskRow row = existing(table.locked(handle, name), name);
            if (row.state() == TaskState.CANCELLED && row.fence() == fence) {
                return true;
            }
            requireHolder(row, fence);
            table.renew(handle, row, config.lease(), Math.max(row.progress(), Math.min(1, Math.max(0, progress))),
                    Names.shortened(message, TaskTable.LONGEST_MESSAGE));
            return false;
        });
    }

    /** Ends a task with its result. The holder may say so twice. */
    public void finish(String name, long fence, Any result) {
        inTransactionOn(name, (handle, row) -> {
            if (row.state() == TaskState.SUCCEEDED && row.fence() == fence) {
                return;
            }
            requireHolder(row, fence);
            changed(handle, table.end(handle, row, TaskState.SUCCEEDED, result, null, row.endedAttempts()));
        });
    }

    /**
     * Ends an attempt with an error: the task waits again if that is worth trying and attempts are left.
     *
     * @param retryable whether another attempt may succeed
     * @param released whether the worker only hands the task back because it stops: no attempt is used up
     */
    public void fail(String name, long fence, Status error, boolean retryable, boolean released) {
        inTransactionOn(name, (handle, row) -> {
            if (row.state() == TaskState.FAILED && row.fence() == fence) {
                return;
            }
            requireHolder(row, fence);
            ended(handle, row, error, retryable, released);
        });
    }

    private void ended(Handle handle, TaskRow row, Status error, boolean retryable, boolean released) {
        boolean outside = retryable && !released && KogataException.of(error).passes();
        boolean free = released || outside && table.patient(handle, row, config.patience());
        int left = free ? row.attemptsLeft() : row.attemptsLeft() - 1;
        byte[] attempts = row.endedAttempts(error, !free);
        changed(handle, free || retryable && left > 0 ? table.waitAgain(handle, row, left, attempts, outside ? pauses.after(row.attempts()) : Duration.ZERO)
                : table.end(handle, row, TaskState.FAILED, null, error, attempts));
    }

    /**
     * Ends the attempts of a worker that is gone; returns the names of the tasks.
     *
     * @param worker its name, or that of its host
     * @param detail more about it, may be empty
     */
    public List<String> endWorker(String worker, WorkerEndCause cause, String detail) {
        return database.inTransaction(handle -> {
            List<TaskRow> held = table.heldBy(handle, worker);
            for (TaskRow row : held) {
                KogataException error = WorkerEnds.error(cause, Names.shortened(detail, TaskTable.LONGEST_NAME), row.attempts());
                LOG.warnf("%s: worker %s is gone (attempt %d): %s", row.name(), row.worker(), row.attempts(), error.getMessage());
                ended(handle, row, error.toStatus(), true, cause == WorkerEndCause.WORKER_STOPPED);
            }
            return held.stream().map(TaskRow::name).toList();
        });
    }

    /** Takes tasks back whose leases have ended; returns how many. */
    public int expireLeases() {
        return database.inTransaction(handle -> {
            List<TaskRow> lost = table.lost(handle);
            for (TaskRow row : lost) {
                LOG.warnf("%s: worker %s is lost (attempt %d)", row.name(), row.worker(), row.attempts());
                ended(handle, row, WorkerEnds.lost(row.attempts()).toStatus(), true, false);
            }
            return lost.size();
        });
    }

    /** Forgets tasks that ended longer ago than they are kept; returns how many. */
    int purge() {
        try {
            return database.inTransaction(handle -> table.purge(handle, config.keep()));
        } catch (RuntimeException e) {
            LOG.warnf("old %s tasks are not removed: %s", type, e.getMessage());
            return 0;
        }
    }

    /** Tasks that wait for a worker. */
    public long waiting() {
        return database.withHandle(table::waiting);
    }

    /** Tasks that a worker holds. */
    public long running() {
        return database.withHandle(table::running);
    }

    /** Calls {@code listener} with a task's name after each change of it that is committed here, and with {@code ""} now
     * and then for changes made elsewhere. It must return at once. */
    void onChange(Consumer<String> listener) {
        listeners.add(listener);
    }

    /** Stops looking after the table, which stays as it is. */
    @Override
    public void close() {
        clock.shutdown();
        try {
            // Not interrupted: it may be at H2's file.
            clock.awaitTermination(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        outbox.close();
    }

    /** Takes tasks back whose leases have ended, and wakes who waits. */
    void look() {
        try {
            // While the database was away, or this process stood still, no heartbeat could be stored: workers get their time back.
            if (nanos.getAsLong() - looked > config.check().plus(config.lease().dividedBy(3)).toNanos()) {
                database.inTransaction(handle -> table.renewAll(handle, config.lease()));
                LOG.infof("leases of %s tasks begin again: nobody could look at them for a while", type);
            } else {
                expireLeases();
            }
            looked = nanos.getAsLong();
        } catch (RuntimeException e) {
            LOG.warnf("leases of %s tasks cannot be checked: %s", type, e.getMessage());
        }
        listeners.ring("");
    }

    private interface Change {
        void apply(Handle handle, TaskRow row);
    }

    private void inTransactionOn(String name, Change change) {
        database.inTransaction(handle -> {
            change.apply(handle, existing(table.locked(handle, name), name));
            return null;
        });
    }

    private void requireHolder(TaskRow row, long fence) {
        if (row.fence() != fence || row.state() != TaskState.RUNNING) {
            throw new KogataException(row.state() == TaskState.CANCELLED ? Reason.CANCELLED : Reason.LEASE_LOST,
                    "'" + row.name() + "' is no longer this worker's: it is " + row.state() + " with token " + row.fence()
                            + ", the worker has " + fence + ".",
                    Map.of("name", row.name(), "fence", Long.toString(row.fence())));
        }
    }

    private static TaskRow existing(Optional<TaskRow> row, String name) {
        return row.orElseThrow(() -> KogataException.notFound("The operation", Names.shortened(name, TaskTable.LONGEST_NAME)));
    }

    private void changed(Handle handle, TaskRow row) {
        outbox.add(handle, new Event(Event.tasks(type), row.job(), row.eventId(), "//kogata.dev/" + database.schema(),
                Event.TASK_CHANGED, row.toEvent(type)));
        FaultPoint.reach("task.before-commit." + row.state());
        handle.afterCommit(() -> {
            FaultPoint.reach("task.after-commit." + row.state());
            listeners.ring(row.name());
        });
    }
}
