package dev.kogata.kit.task;

import static dev.kogata.kit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.longrunning.Operation;
import com.google.protobuf.Any;
import com.google.protobuf.StringValue;
import com.google.rpc.Status;
import dev.kogata.common.v1.Reason;
import dev.kogata.kit.TestConfig;
import dev.kogata.kit.config.KogataConfig;
import dev.kogata.kit.database.Database;
import dev.kogata.kit.error.KogataException;
import dev.kogata.kit.event.EventSender;
import dev.kogata.kit.grpc.OperationClient;
import dev.kogata.tasks.v1.AttemptEnd;
import dev.kogata.tasks.v1.Task;
import dev.kogata.tasks.v1.TaskState;
import dev.kogata.tasks.v1.WorkerEndCause;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** What a task board promises, on any database. No framework: the board is a plain object. */
@TestInstance(Lifecycle.PER_CLASS)
abstract class TaskBoardContract {
    private final String schema = TestConfig.freshSchema();
    private KogataConfig config;
    private Database database;
    private EventSender sender;
    private TaskBoard board;

    abstract Map<String, String> databaseSettings();

    @BeforeAll
    void openDatabase() {
        Map<String, String> settings = new HashMap<>(databaseSettings());
        // The tests end leases themselves.
        settings.put("kogata.task.check", "PT1H");
        config = TestConfig.with(settings);
        database = Database.open(config.database(), schema);
        sender = new EventSender(config.kafka());
    }

    @AfterAll
    void closeDatabase() {
        sender.close();
        database.withHandle(handle -> handle.execute("drop schema " + schema + " cascade"));
        database.close();
    }

    @BeforeEach
    void open() {
        board = new TaskBoard("profile", database, sender, config.task());
    }

    @AfterEach
    void close() {
        board.close();
        database.withHandle(handle -> handle.execute("delete from task") + handle.execute("delete from outbox"));
    }

    @Test
    void givesTheSameOperationForTheSameRequest() {
        Operation first = start("r1", "a");
        assertThat(start("r1", "a").getName()).isEqualTo(first.getName()).startsWith("profile/operations/");
        assertThat(board.waiting()).isEqualTo(1);
    }

    @Test
    void refusesAnotherRequestUnderTheSameId() {
        start("r1", "a");
        assertThat(refusal(() -> start("r1", "b")).reason()).isEqualTo(Reason.IDEMPOTENCY_CONFLICT);
    }

    @Test
    void startsOneTaskForFiftyCallersWithTheSameIdAtOnce() throws Exception {
        List<Callable<String>> callers = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            callers.add(() -> start("r1", "a").getName());
        }
        assertThat(Set.copyOf(atOnce(callers))).hasSize(1);
        assertThat(board.waiting()).isEqualTo(1);
    }

    @Test
    void givesEveryTaskToOneOfManyWorkersOnly() throws Exception {
        for (int i = 0; i < 40; i++) {
            start("r" + i, "a");
        }
        Set<String> claimed = ConcurrentHashMap.newKeySet();
        AtomicInteger claims = new AtomicInteger();
        List<Callable<Void>> workers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            String worker = "w" + i;
            workers.add(() -> {
                for (var task = board.claim(worker); task.isPresent(); task = board.claim(worker)) {
                    claimed.add(task.get().getName());
                    claims.incrementAndGet();
                }
                return null;
            });
        }
        atOnce(workers);
        assertThat(claimed).hasSize(40);
        assertThat(claims).hasValue(40);
    }

    @Test
    void givesTheOldestTaskFirst() {
        String first = start("r1", "a").getName();
        start("r2", "a");
        assertThat(claim().getName()).isEqualTo(first);
    }

    @Test
    void endsATaskWithItsResult() throws Exception {
        String name = start("r1", "a").getName();
        Task task = claim();
        assertThat(task.getRequest().unpack(StringValue.class).getValue()).isEqualTo("a");
        assertThat(board.heartbeat(name, task.getFence(), 0.5, "half")).isFalse();
        assertThat(OperationClient.metadata(board.get(name)).getProgress()).isEqualTo(0.5);

        board.finish(name, task.getFence(), result("done"));
        board.finish(name, task.getFence(), result("done"));

        assertThat(OperationClient.result(board.get(name), StringValue.class).getValue()).isEqualTo("done");
    }

    @Test
    void letsALostTaskWaitAgainAndRefusesWhoComesLate() {
        String name = start("r1", "a").getName();
        Task lost = claim();
        passLeases();
        assertThat(board.expireLeases()).isEqualTo(1);

        assertThat(refusal(() -> board.heartbeat(name, lost.getFence(), 1, "")).reason()).isEqualTo(Reason.LEASE_LOST);
        Task again = claim();
        assertThat(again.getAttempt()).isEqualTo(2);
        assertThat(again.getFence()).isGreaterThan(lost.getFence());
        assertThat(refusal(() -> board.finish(name, lost.getFence(), result("late"))).reason()).isEqualTo(Reason.LEASE_LOST);
        assertThat(refusal(() -> board.fail(name, lost.getFence(), error(Reason.INTERNAL), true, false)).reason())
                .isEqualTo(Reason.LEASE_LOST);
        board.finish(name, again.getFence(), result("second"));
        assertThat(board.get(name).hasResponse()).isTrue();
    }

    @Test
    void keepsALeaseThatIsRenewed() {
        Task task = claim(start("r1", "a"));
        passLeases();
        board.heartbeat(task.getName(), task.getFence(), 0, "");
        assertThat(board.expireLeases()).isZero();
    }

    @Test
    void failsATaskWhoseWorkersAreLostTwice() {
        String name = start("r1", "a").getName();
        for (int attempt = 0; attempt < 2; attempt++) {
            claim();
            passLeases();
            board.expireLeases();
        }
        assertThat(board.claim("w")).isEmpty();
        KogataException error = KogataException.of(board.get(name).getError());
        assertThat(error.reason()).isEqualTo(Reason.WORKER_LOST);
        assertThat(error.metadata()).containsEntry("attempts", "2");
    }

    @Test
    void triesAgainWhatMaySucceedAndNotWhatIsRefused() {
        Task first = claim(start("r1", "a"));
        board.fail(first.getName(), first.getFence(), error(Reason.INTERNAL), true, false);
        assertThat(state(first.getName())).isEqualTo(TaskState.WAITING);
        Task second = claim();
        board.fail(second.getName(), second.getFence(), error(Reason.INTERNAL), true, false);
        assertThat(KogataException.of(board.get(first.getName()).getError()).reason()).isEqualTo(Reason.INTERNAL);

        Task broken = claim(start("r2", "a"));
        board.fail(broken.getName(), broken.getFence(), error(Reason.MODEL_BROKEN), false, false);
        assertThat(KogataException.of(board.get(broken.getName()).getError()).reason()).isEqualTo(Reason.MODEL_BROKEN);
    }

    @Test
    void waitsForRoomOrTheStoreWithoutAttemptsAndAfterItsPatienceWithThem() {
        String name = start("r1", "a").getName();
        for (Reason outside : List.of(Reason.DISK_FULL, Reason.UNAVAILABLE, Reason.DISK_FULL)) {
            Task task = claim();
            board.fail(name, task.getFence(), error(outside), true, false);
            assertThat(state(name)).isEqualTo(TaskState.WAITING);
            assertThat(board.claim("w")).as("in its pause").isEmpty();
            passed(name, "wait_until");
        }
        assertThat(OperationClient.metadata(board.get(name)).getEndedAttemptsList()).hasSize(3).noneMatch(AttemptEnd::getCounted);

        passed(name, "patient_until");
        for (int attempt = 0; attempt < 2; attempt++) {
            assertThat(state(name)).isEqualTo(TaskState.WAITING);
            passed(name, "wait_until");
            board.fail(name, claim().getFence(), error(Reason.DISK_FULL), true, false);
        }
        assertThat(KogataException.of(board.get(name).getError()).reason()).isEqualTo(Reason.DISK_FULL);
    }

    /** As if that moment of a task had passed a minute ago. */
    private void passed(String name, String moment) {
        database.withHandle(handle -> handle.execute("update task set " + moment + " = current_timestamp - interval '1' minute where name = ?", name));
    }

    @Test
    void countsNoAttemptThatAStoppingWorkerHandsBack() {
        String name = start("r1", "a").getName();
        for (int i = 0; i < 5; i++) {
            Task task = claim();
            board.fail(name, task.getFence(), error(Reason.UNAVAILABLE), true, true);
        }
        assertThat(state(name)).isEqualTo(TaskState.WAITING);
    }

    @Test
    void saysWhyAWorkerIsGoneAndTriesAgainAtOnce() {
        Operation operation = start("a", "text");
        Task first = claim("pod-7-1-abc").orElseThrow();
        assertThat(board.endWorker("pod", WorkerEndCause.WORKER_OVER_MEMORY, "")).as("another pod, whose name begins the same").isEmpty();
        assertThat(board.endWorker("pod-7", WorkerEndCause.WORKER_OVER_MEMORY, "limit 2Gi")).containsExactly(operation.getName());
        assertThat(board.endWorker("pod-7", WorkerEndCause.WORKER_OVER_MEMORY, "limit 2Gi")).as("told twice").isEmpty();
        assertThat(state(operation.getName())).isEqualTo(TaskState.WAITING);
        assertThat(refusal(() -> board.finish(first.getName(), first.getFence(), result("late"))).reason()).isEqualTo(Reason.LEASE_LOST);
        assertThat(OperationClient.metadata(board.get(operation.getName())).getEndedAttemptsList()).singleElement()
                .returns(1, AttemptEnd::getAttempt).returns("pod-7-1-abc", AttemptEnd::getWorker).returns("WORKER_OVER_MEMORY", AttemptEnd::getReason)
                .returns(true, AttemptEnd::getCounted).satisfies(end -> assertThat(end.getMessage()).contains("memory", "limit 2Gi"));
        claim("pod-8").orElseThrow();
        board.endWorker("pod-8", WorkerEndCause.WORKER_OVER_MEMORY, "");
        assertThat(KogataException.of(board.get(operation.getName()).getError()).reason()).isEqualTo(Reason.WORKER_OVER_MEMORY);
    }

    @Test
    void aWorkerThatIsEvictedCostsNoAttempt() {
        Operation operation = start("a", "text");
        for (int pod = 0; pod < 5; pod++) {
            claim("pod-" + pod).orElseThrow();
            board.endWorker("pod-" + pod, WorkerEndCause.WORKER_STOPPED, "evicted");
            assertThat(state(operation.getName())).isEqualTo(TaskState.WAITING);
        }
        assertThat(OperationClient.metadata(board.get(operation.getName())).getEndedAttemptsList()).hasSize(5).noneMatch(AttemptEnd::getCounted);
    }

    @Test
    void tellsTheWorkerOfACancelledTaskAndRefusesItsResult() {
        Task task = claim(start("r1", "a"));
        board.cancel(task.getName());
        assertThat(board.heartbeat(task.getName(), task.getFence(), 0, "")).isTrue();
        assertThat(refusal(() -> board.finish(task.getName(), task.getFence(), result("late"))).reason()).isEqualTo(Reason.CANCELLED);
        assertThat(KogataException.of(board.get(task.getName()).getError()).reason()).isEqualTo(Reason.CANCELLED);
    }

    @Test
    void cancelsTheTaskOfARequestBeforeAndAfterItsStartComes() {
        Operation known = start("r1", "a");
        board.cancelRequest("r1", "jobs/1");
        assertThat(state(known.getName())).isEqualTo(TaskState.CANCELLED);

        board.cancelRequest("r2", "jobs/1");
        Operation late = start("r2", "a");
        assertThat(state(late.getName())).isEqualTo(TaskState.CANCELLED);
        assertThat(start("r2", "a").getName()).isEqualTo(late.getName());
        assertThat(board.claim("w")).isEmpty();
        assertThat(refusal(() -> board.cancelRequest("", "jobs/1")).metadata()).containsEntry("field", "request_id");
    }

    @Test
    void decidesTheStartOfATaskAgainstItsCancelOnce() throws Exception {
        for (int i = 0; i < 20; i++) {
            String id = "r" + i;
            List<Callable<String>> both = List.of(() -> start(id, "a").getName(), () -> {
                board.cancelRequest(id, "jobs/1");
                return "";
            });
            assertThat(state(atOnce(both).get(0))).isEqualTo(TaskState.CANCELLED);
        }
        assertThat(board.claim("w")).isEmpty();
    }

    @Test
    void leavesAnEndedTaskAsItIsWhenCancelled() {
        Task task = claim(start("r1", "a"));
        board.finish(task.getName(), task.getFence(), result("done"));
        board.cancel(task.getName());
        assertThat(board.get(task.getName()).hasResponse()).isTrue();
    }

    @Test
    void decidesCancelAgainstFinishOnce() throws Exception {
        for (int i = 0; i < 20; i++) {
            Task task = claim(start("r" + i, "a"));
            List<Callable<String>> both = List.of(
                    () -> outcome(() -> board.finish(task.getName(), task.getFence(), result("done"))),
                    () -> outcome(() -> board.cancel(task.getName())));
            String finish = atOnce(both).get(0);
            assertThat(board.get(task.getName()).hasResponse()).isEqualTo(finish.equals("accepted"));
        }
    }

    @Test
    void deletesOnlyWhatHasEnded() {
        Task task = claim(start("r1", "a"));
        assertThat(refusal(() -> board.delete(task.getName())).metadata()).containsEntry("state", "RUNNING");
        board.cancel(task.getName());
        board.delete(task.getName());
        assertThat(refusal(() -> board.get(task.getName())).reason()).isEqualTo(Reason.NOT_FOUND);
    }

    @Test
    void listsNewestFirstInPages() {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            names.add(0, start("r" + i, "a").getName());
        }
        var first = board.list(3, "");
        var second = board.list(3, first.getNextPageToken());
        assertThat(first.getOperationsList()).extracting(Operation::getName).containsExactlyElementsOf(names.subList(0, 3));
        assertThat(second.getOperationsList()).extracting(Operation::getName).containsExactlyElementsOf(names.subList(3, 5));
        assertThat(second.getNextPageToken()).isEmpty();
        assertThat(refusal(() -> board.list(3, "x")).metadata()).containsEntry("field", "page_token");
    }

    @Test
    void forgetsEndedTasksAfterAWhile() {
        Task task = claim(start("r1", "a"));
        start("r2", "a");
        board.cancel(task.getName());
        assertThat(board.purge()).isZero();
        database.withHandle(handle -> handle.execute("update task set update_time = update_time - interval '8' day"));
        assertThat(board.purge()).isEqualTo(1);
        assertThat(board.waiting()).isEqualTo(1);
    }

    @Test
    void givesWorkersTheirTimeBackWhenTheServiceStartsAgain() {
        claim(start("r1", "a"));
        passLeases();
        board.close();
        board = new TaskBoard("profile", database, sender, config.task());
        assertThat(board.expireLeases()).isZero();
    }

    @Test
    void givesWorkersTheirTimeBackWhenTheDatabaseWasAwayForAWhile() {
        AtomicLong nanos = new AtomicLong();
        board.close();
        board = new TaskBoard("profile", database, sender, config.task(), nanos::get);
        Task task = claim(start("r1", "a"));
        passLeases();
        nanos.addAndGet(Duration.ofHours(2).toNanos());

        board.look();
        assertThat(board.heartbeat(task.getName(), task.getFence(), 0.5, "")).isFalse();

        passLeases();
        board.look();
        assertThat(refusal(() -> board.heartbeat(task.getName(), task.getFence(), 1, "")).reason()).isEqualTo(Reason.LEASE_LOST);
    }

    @Test
    void looksAfterLeasesByItself() {
        String name = start("r1", "a").getName();
        claim();
        board.close();
        Map<String, String> settings = new HashMap<>(databaseSettings());
        settings.put("kogata.task.check", "PT0.05S");
        board = new TaskBoard("profile", database, sender, TestConfig.with(settings).task());
        passLeases();
        eventually(() -> assertThat(state(name)).isEqualTo(TaskState.WAITING));
    }

    @Test
    void decidesAnEventWithEveryChange() {
        Task task = claim(start("r1", "a"));
        board.fail(task.getName(), task.getFence(), error(Reason.INTERNAL), true, false);
        Task again = claim();
        board.finish(task.getName(), again.getFence(), result("done"));
        List<String> ids = database.withHandle(handle -> handle.createQuery("select id from outbox order by number").mapTo(String.class).list());
        assertThat(ids).containsExactly(task.getName() + "/0/WAITING", task.getName() + "/1/WAITING", task.getName() + "/2/SUCCEEDED");
    }

    private Operation start(String requestId, String text) {
        return board.start(requestId, "jobs/1", StringValue.of(text));
    }

    private Task claim() {
        return board.claim("w").orElseThrow();
    }

    private Optional<Task> claim(String worker) {
        return board.claim(worker);
    }

    private Task claim(Operation operation) {
        Task task = claim();
        assertThat(task.getName()).isEqualTo(operation.getName());
        return task;
    }

    private TaskState state(String name) {
        return OperationClient.metadata(board.get(name)).getState();
    }

    /** As if all workers had been silent for an hour of the database's clock. */
    private void passLeases() {
        database.withHandle(handle -> handle.execute("update task set lease_until = lease_until - interval '1' hour"));
    }

    private static Any result(String text) {
        return Any.pack(StringValue.of(text));
    }

    private static Status error(Reason reason) {
        return new KogataException(reason, "An error.").toStatus();
    }

    private static KogataException refusal(ThrowingCallable call) {
        KogataException refusal = catchThrowableOfType(KogataException.class, call);
        assertThat(refusal).isNotNull();
        return refusal;
    }

    private static String outcome(Runnable call) {
        try {
            call.run();
            return "accepted";
        } catch (KogataException e) {
            return e.reason().name();
        }
    }

    private static <T> List<T> atOnce(List<Callable<T>> calls) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(calls.size());
        try {
            List<T> results = new ArrayList<>();
            for (Future<T> future : threads.invokeAll(calls, Duration.ofMinutes(1).toSeconds(), TimeUnit.SECONDS)) {
                results.add(future.get());
            }
            return results;
        } finally {
            threads.shutdownNow();
        }
    }
}
