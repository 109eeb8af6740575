package dev.kogata.bench.scale;

import com.google.protobuf.Any;
import com.google.protobuf.StringValue;
import dev.kogata.common.v1.Reason;
import dev.kogata.kit.artifact.Sha256;
import dev.kogata.kit.error.KogataException;
import dev.kogata.kit.task.TaskBoard;
import dev.kogata.tasks.v1.Task;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * Workers that do nothing for as long as a real task takes, at a real task board: they claim, send heartbeats, finish, fail and die as
 * workers do, and a job asks for its next task when its last one is done. Calls wait for a thread as they do at a service. Thread-safe.
 */
final class SimulatedMesh implements AutoCloseable {
    /**
     * What is simulated.
     *
     * @param tasksPerJob tasks of a job, one after the other
     * @param taskMillis mean time of a task; times are exponential, as those of trials with very different samples nearly are
     * @param startMillis time that a worker needs until its first claim
     * @param heartbeatMillis between two heartbeats
     * @param failing share of attempts that fail for a reason that may pass
     * @param dying share of attempts in which the worker dies, and another is started
     */
    record Setting(int workers, int jobs, int tasksPerJob, double taskMillis, long startMillis, long heartbeatMillis, double failing, double dying, long seed) {}

    private static final StringValue REQUEST = StringValue.of("a plan of a few hundred bytes: " + "0123456789".repeat(40));
    private static final long EMPTY_MILLIS = 200;
    /** Of the service: as many as Quarkus has by default on a small machine. */
    private static final int THREADS = 64;

    private final Setting setting;
    private final TaskBoard board;
    private final Random random;
    private volatile boolean closed;
    private final ExecutorService service = Executors.newFixedThreadPool(THREADS, work -> daemon(work, "service"));
    private final ScheduledExecutorService clock = Executors.newScheduledThreadPool(2, work -> daemon(work, "clock"));
    private final ConcurrentHashMap<String, AtomicInteger> done = new ConcurrentHashMap<>();
    final Latencies claims = new Latencies();
    final Latencies heartbeats = new Latencies();
    final Latencies finishes = new Latencies();
    final AtomicLong busyMillis = new AtomicLong();
    final AtomicInteger finished = new AtomicInteger();
    final AtomicInteger deaths = new AtomicInteger();
    final AtomicInteger refused = new AtomicInteger();

    SimulatedMesh(Setting setting, TaskBoard board) {
        this.setting = setting;
        this.board = board;
        this.random = new Random(setting.seed());
    }

    /** Every job has asked for its first task: as rows, since nobody is measured while they come. */
    void startJobs() {
        byte[] request = Any.pack(REQUEST).toByteArray();
        board.database().inTransaction(handle -> {
            PreparedBatch rows = handle.prepareBatch("""
                    insert into task (name, request_id, request_sha256, job, request, state, progress, message, attempts, attempts_left, fence, worker, create_time, update_time)
                    values (:name, :id, :sha256, :job, :request, 'WAITING', 0, '', 0, 1000, 0, '', current_timestamp, current_timestamp)""");
            for (int job = 0; job < setting.jobs(); job++) {
                rows.bind("name", "evaluate/operations/first-" + job).bind("id", "jobs/" + job + "/0").bind("sha256", Sha256.of(request))
                        .bind("job", "jobs/" + job).bind("request", request).add();
            }
            return rows.execute().length;
        });
    }

    /** Every worker starts. */
    void startWorkers() {
        for (int worker = 0; worker < setting.workers(); worker++) {
            String name = "worker-" + worker;
            // Not all in the same millisecond: real ones start when their nodes have room.
            after((long) (uniform() * setting.taskMillis()), () -> claim(name));
        }
    }

    /** Whether every job has had all its tasks done. */
    boolean isDone() {
        return finished.get() >= setting.jobs() * setting.tasksPerJob();
    }

    @Override
    public void close() throws InterruptedException {
        closed = true;
        clock.shutdownNow();
        service.shutdown();
        service.awaitTermination(1, TimeUnit.MINUTES);
    }

    private void ask(String job, int number) {
        board.start(job + "/" + number, job, REQUEST);
    }

    private void claim(String worker) {
        call(claims, () -> {
            Optional<Task> task = board.claim(worker);
            task.ifPresentOrElse(it -> work(worker, it), () -> after(EMPTY_MILLIS, () -> claim(worker)));
        });
    }

    private void work(String worker, Task task) {
        long millis = Math.max(1, Math.round(-Math.log(1 - uniform()) * setting.taskMillis()));
        double fate = uniform();
        ScheduledFuture<?> beats = clock.scheduleWithFixedDelay(() -> call(heartbeats, () -> board.heartbeat(task.getName(), task.getFence(), 0.5, "")),
                setting.heartbeatMillis(), setting.heartbeatMillis(), TimeUnit.MILLISECONDS);
        after(millis, () -> {
            beats.cancel(false);
            busyMillis.addAndGet(millis);
            if (fate < setting.dying()) {
                deaths.incrementAndGet();
                after(setting.startMillis(), () -> claim(worker));
                return;
            }
            call(finishes, () -> {
                if (fate < setting.dying() + setting.failing()) {
                    board.fail(task.getName(), task.getFence(), new KogataException(Reason.UNAVAILABLE, "Simulated.").toStatus(), true, false);
                } else {
                    board.finish(task.getName(), task.getFence(), Any.pack(StringValue.of("measured")));
                    finished.incrementAndGet();
                    next(task);
                }
            });
            after(0, () -> claim(worker));
        });
    }

    private void next(Task task) {
        int number = done.computeIfAbsent(task.getJob(), job -> new AtomicInteger()).incrementAndGet();
        if (number < setting.tasksPerJob()) {
            ask(task.getJob(), number);
        }
    }

    /** As a call to a service: it waits for a thread, then for a connection. */
    private void call(Latencies latencies, Runnable what) {
        long asked = System.nanoTime();
        if (closed) {
            return;
        }
        service.execute(() -> {
            if (closed) {
                return;
            }
            try {
                what.run();
                latencies.add(System.nanoTime() - asked);
            } catch (KogataException e) {
                refused.incrementAndGet();
            }
        });
    }

    private void after(long millis, Runnable what) {
        if (!clock.isShutdown()) {
            clock.schedule(what, millis, TimeUnit.MILLISECONDS);
        }
    }

    private double uniform() {
        synchronized (random) {
            return random.nextDouble();
        }
    }

    private static Thread daemon(Runnable work, String name) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        return thread;
    }
}
