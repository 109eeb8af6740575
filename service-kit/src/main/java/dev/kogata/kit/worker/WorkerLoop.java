package dev.kogata.kit.worker;

import com.google.protobuf.Message;
import dev.kogata.common.v1.Reason;
import dev.kogata.kit.artifact.ArtifactStore;
import dev.kogata.kit.artifact.Manifests;
import dev.kogata.kit.artifact.StorageError;
import dev.kogata.kit.config.KogataConfig;
import dev.kogata.kit.error.Backoff;
import dev.kogata.kit.error.Incident;
import dev.kogata.kit.error.KogataException;
import dev.kogata.kit.fault.FaultPoint;
import dev.kogata.tasks.v1.Task;
import dev.kogata.kit.trace.Traces;
import dev.kogata.kit.worker.WorkerMetrics.Outcome;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jboss.logging.Logger;
import org.jboss.logging.MDC;

/**
 * A worker: claims tasks at one API, does them, says how they ended. Plain Java, no database. Each slot is a thread;
 * heartbeats have threads of their own. Survives an API that is away: it goes on working, and says it is done until
 * somebody listens or the lease is lost. Works for ever, or as much as {@code kogata.worker.max-tasks} and
 * {@code kogata.worker.idle-exit} say.
 */
public final class WorkerLoop implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(WorkerLoop.class);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);
    private static final Backoff PAUSES = new Backoff(Duration.ofMillis(100), LONGEST_PAUSE);

    private final Map<String, TaskHandler> handlers;
    private final Function<Throwable, Optional<KogataException>> errors;
    private final ArtifactStore artifacts;
    private final KogataConfig.Worker config;
    private final TaskQueueClient queue;
    private final Folders folders;
    private final FolderCache cache;
    private final Batch batch;
    private final ScheduledExecutorService heartbeats;
    private final List<Thread> slots = new ArrayList<>();
    private final Set<TaskContext> running = ConcurrentHashMap.newKeySet();
    private final Semaphore bell = new Semaphore(0);
    private volatile boolean stopping;

    /**
     * Starts working.
     *
     * @param api channel to the API whose tasks these are; stays the caller's
     * @param handlers by type of task
     * @param errors says what a handler's exception means, where it is neither a {@code KogataException} nor a full disk;
     *         what it does not know becomes INTERNAL, with the details in this process's log
     * @param folders of this process; closed with this
     */
    WorkerLoop(Channel api, Map<String, TaskHandler> handlers, Function<Throwable, Optional<KogataException>> errors, ArtifactStore artifacts,
            KogataConfig.Worker config, Folders folders) {
        String name = config.name().orElseGet(WorkerLoop::processName);
        this.handlers = Map.copyOf(handlers);
        this.errors = errors;
        this.artifacts = artifacts;
        this.config = config;
        this.queue = new TaskQueueClient(api, name);
        this.folders = folders;
        this.cache = new FolderCache(new Manifests(artifacts), folders.cache(), config.cacheBytes());
        this.batch = new Batch(config);
        this.heartbeats = Executors.newScheduledThreadPool(config.slots(), runnable -> daemon(runnable, "heartbeat"));
        for (int slot = 0; slot < config.slots(); slot++) {
            slots.add(daemon(this::work, "worker-" + slot));
        }
        folders.cutOff().forEach(this::tellOfCrash);
        slots.forEach(Thread::start);
    }

    /** A task may wait: ends a pause after an unreachable API. Harmless when wrong. */
    public void ring() {
        bell.release();
    }

    /** Tasks being done now. */
    public int busy() {
        return running.size();
    }

    /** Tasks that can be done at once. */
    int slots() {
        return slots.size();
    }

    /** Why not every slot will ever take another task; empty where they will. */
    Optional<String> illness(Duration patience) {
        if (!batch.ends() && slots.stream().anyMatch(slot -> !slot.isAlive())) {
            return Optional.of("a slot has ended");
        }
        return running.stream().filter(context -> context.isStuck(patience)).findAny()
                .map(context -> context.name() + " was told to stop and has not");
    }

    /** Returns when this worker's work is over; never where it works for ever. What it holds is still to be closed. */
    public WorkerEnd awaitEnd() throws InterruptedException {
        for (Thread slot : slots) {
            slot.join();
        }
        return batch.end();
    }

    /** Stops soon after {@code kogata.worker.grace}: unfinished tasks are handed back and do not lose an attempt. */
    @Override
    public void close() {
        // A worker whose work was over before holds nothing.
        boolean ended = slots.stream().noneMatch(Thread::isAlive);
        stopping = true;
        running.forEach(context -> context.stop("the worker stops"));
        slots.forEach(Thread::interrupt);
        long end = System.nanoTime() + config.grace().toNanos();
        for (Thread slot : slots) {
            try {
                slot.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        heartbeats.shutdownNow();
        if (ended) {
            folders.close();
            return;
        }
        // Whoever is deep in native code has not noticed, and a claim may have been answered just now: those tasks go back, too.
        Thread.interrupted();
        try {
            queue.stopped();
        } catch (RuntimeException e) {
            LOG.infof("what this worker holds is not handed back, leases will end: %s", e.getMessage());
        }
        folders.close();
    }

    private void work() {
        List<String> types = handlers.keySet().stream().sorted().toList();
        int failures = 0;
        while (!stopping && batch.next()) {
            Optional<Task> task;
            try {
                task = queue.claim(types, batch.patience(config.poll()));
                failures = 0;
            } catch (RuntimeException e) {
                batch.unanswered();
                if (stopping) {
                    return;
                }
                if (failures++ == 0) {
                    LOG.warnf("no tasks can be claimed, trying again: %s", e.getMessage());
                }
                sleep(PAUSES.after(failures));
                continue;
            }
            if (task.isPresent()) {
                claimed(task.get());
            } else {
                batch.nothing();
            }
        }
    }

    private void claimed(Task task) {
        batch.claimed();
        try {
            run(task);
        } catch (RuntimeException e) {
            // Asked to stop before the task had begun; or no folder can be made, or what is left cannot be removed: the disk, most likely.
            if (stopping) {
                handBack(task);
            } else {
                LOG.warnf("%s: %s", task.getName(), e.getMessage());
                batch.failedForNow();
                sleep(LONGEST_PAUSE);
            }
        } finally {
            batch.ended();
        }
    }

    private void run(Task task) {
        TaskContext context = new TaskContext(task, artifacts, cache, folders.forTask());
        Path begun = folders.begin(task);
        running.add(context);
        long began = System.nanoTime();
        long end = began + config.taskLimit().toNanos();
        Outcome outcome = Outcome.STOPPED;
        long interval = Math.min(config.heartbeat().toMillis(), millis(task.getLease()) / 3);
        var heartbeat = heartbeats.scheduleWithFixedDelay(() -> heartbeat(task, context, end), interval, Math.max(1, interval), TimeUnit.MILLISECONDS);
        try {
            if (stopping) {
                context.stop("the worker stops");
            }
            context.throwIfStopped();
            MDC.put("job", task.getJob());
            MDC.put("tenant", task.getTenant());
            Message result = Traces.inJob(task.getJob(), task.getType(), Map.of("task", task.getName(), "attempt", Integer.toString(task.getAttempt())),
                    () -> done(task, context));
            context.throwIfStopped();
            FaultPoint.reach("worker.before-finish");
            outcome = tell(context, task, () -> queue.finish(task, result)) ? Outcome.SUCCEEDED : outcome;
            FaultPoint.reach("worker.after-finish");
        } catch (TaskStopped e) {
            LOG.infof("%s: %s", task.getName(), e.getMessage());
            handBack(task);
        } catch (Throwable e) {
            // Also what a native library throws: this attempt fails, the process goes on.
            if (context.isStopped()) {
                handBack(task);
            } else {
                outcome = Outcome.FAILED;
                KogataException error = translated(task, e);
                tell(context, task, () -> queue.fail(task, error, false));
                if (error.code().retryable()) {
                    batch.failedForNow();
                } else {
                    batch.refused();
                }
            }
        } finally {
            long nanos = System.nanoTime() - began;
            LOG.infof("%s: %s after %d ms", task.getName(), outcome, TimeUnit.NANOSECONDS.toMillis(nanos));
            WorkerMetrics.ended(task.getType(), outcome, nanos);
            MDC.remove("job");
            MDC.remove("tenant");
            heartbeat.cancel(false);
            running.remove(context);
            context.release();
            Folders.delete(begun);
            Folders.delete(context.workFolder());
        }
    }

    /** Handlers throw what they like; nothing on the way out of a span cares. */
    private Message done(Task task, TaskContext context) {
        try {
            return handler(task).run(task.getRequest(), context);
        } catch (Exception e) {
            throw WorkerLoop.<RuntimeException>unchanged(e);
        }
    }

    @SuppressWarnings("unchecked")
    private static <X extends Exception> X unchanged(Exception e) throws X {
        throw (X) e;
    }

    private TaskHandler handler(Task task) {
        TaskHandler handler = handlers.get(task.getType());
        if (handler == null) {
            throw new IllegalStateException("the API gave a task of type " + task.getType() + ", asked for " + handlers.keySet());
        }
        return handler;
    }

    private void heartbeat(Task task, TaskContext context, long end) {
        if (System.nanoTime() > end && !context.isStopped()) {
            context.stop("it takes too long");
            tooLong(task);
        }
        try {
            if (queue.heartbeat(task, context.progress(), context.message())) {
                context.stop("the task was cancelled");
            }
        } catch (KogataException e) {
            if (isLost(e)) {
                context.stop("the lease is lost");
            }
        } catch (RuntimeException e) {
            LOG.warnf("%s: the heartbeat failed: %s", task.getName(), e.getMessage());
        }
    }

    /**
     * The process before this one ended while it did the task: the model crashed ONNX Runtime, or memory ran out. That was
     * an attempt. Where nobody listens, the end of the lease tells the same, later and less exactly.
     */
    private void tellOfCrash(Task task) {
        KogataException error = new KogataException(Reason.MODEL_CRASHED_RUNTIME, "The process that ran this model ended abruptly, every time it was tried: "
                + "the model crashes ONNX Runtime, or needs more memory than the worker has; look at the worker's logs and memory limit.");
        try {
            queue.fail(task, error, true, false);
            LOG.warnf("%s: the process that did it ended abruptly; that was one attempt", task.getName());
        } catch (RuntimeException e) {
            LOG.infof("%s: the process that did it ended abruptly; that is not heard: %s", task.getName(), e.getMessage());
        }
    }

    /** Says how the task ended until that is heard, and whether it was. The heartbeats go on meanwhile, so the lease does too. */
    private boolean tell(TaskContext context, Task task, Runnable call) {
        for (int attempt = 1; !context.isStopped(); attempt++) {
            try {
                call.run();
                return true;
            } catch (KogataException e) {
                if (isLost(e)) {
                    LOG.warnf("%s: the outcome is not wanted: %s", task.getName(), e.getMessage());
                    return false;
                }
                if (e.reason() == Reason.LIMIT_EXCEEDED) {
                    queue.fail(task, e, false);
                    batch.refused();
                    return false;
                }
                LOG.infof("%s: the outcome is not accepted yet: %s", task.getName(), e.getMessage());
                sleep(PAUSES.after(attempt));
            }
        }
        handBack(task);
        return false;
    }

    /** A model that loops ends here; one that does not even let itself be stopped holds its slot until the process is ended. */
    private void tooLong(Task task) {
        batch.refused();
        try {
            queue.fail(task, new KogataException(Reason.LIMIT_EXCEEDED, "This model takes longer than " + config.taskLimit().toSeconds()
                    + " s for one task (kogata.worker.task-limit); it may never end.",
                    Map.of("limit", "kogata.worker.task-limit", "value", Long.toString(config.taskLimit().toSeconds()))), false);
        } catch (RuntimeException e) {
            LOG.warnf("%s: takes too long, and that is not heard: %s", task.getName(), e.getMessage());
        }
    }

    /** Only a stopping worker gives a task back; for a cancelled or lost one there is nothing to say. */
    private void handBack(Task task) {
        if (stopping) {
            Thread.interrupted();
            try {
                queue.fail(task, new KogataException(Reason.UNAVAILABLE, "The worker was stopped."), true);
            } catch (RuntimeException e) {
                LOG.infof("%s: not handed back, its lease will end: %s", task.getName(), e.getMessage());
            }
        }
    }

    private KogataException translated(Task task, Throwable e) {
        if (e instanceof KogataException known) {
            LOG.infof("%s: %s", task.getName(), e.getMessage());
            return known;
        }
        if (e instanceof StatusRuntimeException call) {
            return KogataException.of(call);
        }
        return StorageError.diskFull(e).or(() -> errors.apply(e)).orElseGet(() -> Incident.of(e));
    }

    private static boolean isLost(KogataException e) {
        return e.reason() == Reason.LEASE_LOST || e.reason() == Reason.CANCELLED || e.reason() == Reason.NOT_FOUND;
    }

    private void sleep(Duration time) {
        try {
            bell.drainPermits();
            bell.tryAcquire(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            // Stopping; the loops look.
        }
    }

    private static long millis(com.google.protobuf.Duration duration) {
        return duration.getSeconds() * 1000 + duration.getNanos() / 1_000_000;
    }

    private static String processName() {
        String host = System.getenv().getOrDefault("HOSTNAME", "worker");
        return host + "-" + ProcessHandle.current().pid() + "-" + Long.toHexString(System.nanoTime() & 0xffffff);
    }

    private static Thread daemon(Runnable runnable, String name) {
        Thread thread = new Thread(runnable, name);
        thread.setDaemon(true);
        return thread;
    }
}
