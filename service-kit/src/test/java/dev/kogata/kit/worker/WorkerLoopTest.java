package dev.kogata.kit.worker;

import static dev.kogata.kit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.longrunning.Operation;
import com.google.protobuf.StringValue;
import dev.kogata.common.v1.Artifact;
import dev.kogata.common.v1.Reason;
import dev.kogata.kit.TestConfig;
import dev.kogata.kit.artifact.ArtifactStore;
import dev.kogata.kit.artifact.FolderArtifactStore;
import dev.kogata.kit.artifact.Manifests;
import dev.kogata.kit.config.KogataConfig;
import dev.kogata.kit.error.KogataException;
import dev.kogata.kit.grpc.OperationClient;
import dev.kogata.kit.task.TestTaskApi;
import dev.kogata.tasks.v1.TaskMetadata;
import dev.kogata.tasks.v1.TaskState;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Workers against a real API; no framework, since a worker has none. */
class WorkerLoopTest {
    @TempDir
    Path folder;

    private KogataConfig config;
    private TestTaskApi api;
    private ArtifactStore store;
    private final List<AutoCloseable> open = new ArrayList<>();

    @BeforeEach
    void open() {
        open(Duration.ofSeconds(6));
    }

    private void open(Duration lease) {
        config = TestConfig.with(Map.of(
                "kogata.worker.folder", folder.resolve("work").toString(),
                "kogata.worker.heartbeat", "PT0.05S",
                "kogata.worker.poll", "PT1S",
                "kogata.task.check", "PT0.05S",
                "kogata.task.lease", lease.toString()));
        api = new TestTaskApi(config, "profile");
        store = new FolderArtifactStore(folder.resolve("store"), true);
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable it : open) {
            it.close();
        }
        api.close();
    }

    @Test
    void doesATaskAndTellsHowFarItIs() {
        CountDownLatch seen = new CountDownLatch(1);
        worker((request, context) -> {
            context.progress(0.5, "half way");
            seen.await(10, TimeUnit.SECONDS);
            return StringValue.of(request.unpack(StringValue.class).getValue() + "!");
        });
        String name = start("hello");
        eventually(() -> assertThat(metadata(name)).returns(0.5, TaskMetadata::getProgress).returns("half way", TaskMetadata::getMessage));
        seen.countDown();
        eventually(() -> assertThat(result(name)).isEqualTo("hello!"));
    }

    @Test
    void keepsItsLeaseForAsLongAsItWorks() {
        CountDownLatch longWork = new CountDownLatch(1);
        AtomicInteger runs = new AtomicInteger();
        worker((request, context) -> {
            runs.incrementAndGet();
            // More than one lease.
            longWork.await(6500, TimeUnit.MILLISECONDS);
            return StringValue.of("done");
        });
        String name = start("a");
        eventually(() -> assertThat(result(name)).isEqualTo("done"));
        assertThat(runs).hasValue(1);
    }

    @Test
    void stopsACancelledTaskWithinASecond() {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch stopped = new CountDownLatch(1);
        worker((request, context) -> {
            context.onStop(stopped::countDown);
            begun.countDown();
            stopped.await(10, TimeUnit.SECONDS);
            context.throwIfStopped();
            return StringValue.of("never");
        });
        String name = start("a");
        eventually(() -> assertThat(begun.getCount()).isZero());
        long cancelled = System.nanoTime();
        api.board("profile").cancel(name);
        eventually(() -> assertThat(stopped.getCount()).isZero());
        assertThat(System.nanoTime() - cancelled).isLessThan(TimeUnit.SECONDS.toNanos(1));
        assertThat(error(name).reason()).isEqualTo(Reason.CANCELLED);
    }

    @Test
    @Tag("hostile-32")
    void aModelThatNeverEndsIsStoppedAtTheLimit() {
        config = TestConfig.with(Map.of("kogata.worker.folder", folder.resolve("work").toString(), "kogata.worker.heartbeat", "PT0.05S",
                "kogata.worker.poll", "PT1S", "kogata.worker.task-limit", "PT0.3S"));
        CountDownLatch stopped = new CountDownLatch(1);
        worker((request, context) -> {
            context.onStop(stopped::countDown);
            while (stopped.getCount() > 0) {
                Thread.onSpinWait();
            }
            context.throwIfStopped();
            return StringValue.of("never");
        });
        String name = start("loop");
        eventually(() -> assertThat(error(name).reason()).isEqualTo(Reason.LIMIT_EXCEEDED));
        assertThat(error(name).metadata()).containsEntry("limit", "kogata.worker.task-limit");
        eventually(() -> assertThat(stopped.getCount()).isZero());
    }

    @Test
    void tellsRefusedInputOnceAndUnplannedErrorsAsIncidents() {
        Queue<String> runs = new ConcurrentLinkedQueue<>();
        worker((request, context) -> {
            String text = request.unpack(StringValue.class).getValue();
            runs.add(text);
            throw text.equals("refused") ? new IllegalArgumentException("too few nodes") : new IllegalStateException("secret");
        });
        String refused = start("refused");
        String broken = start("broken");
        eventually(() -> assertThat(error(refused)).hasMessage("too few nodes").returns(Reason.MODEL_BROKEN, KogataException::reason));
        eventually(() -> assertThat(error(broken)).hasMessageNotContaining("secret").returns(Reason.INTERNAL, KogataException::reason));
        assertThat(runs).containsExactly("refused", "broken", "broken");
    }

    @Test
    void survivesAnApiThatIsAwayWhenItHasDoneItsTask() {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch finish = new CountDownLatch(1);
        AtomicInteger runs = new AtomicInteger();
        worker((request, context) -> {
            runs.incrementAndGet();
            begun.countDown();
            finish.await(10, TimeUnit.SECONDS);
            return StringValue.of("done");
        });
        String name = start("a");
        eventually(() -> assertThat(begun.getCount()).isZero());
        api.down();
        finish.countDown();
        api.up();
        eventually(() -> assertThat(result(name)).isEqualTo("done"));
        assertThat(runs).hasValue(1);
        String next = start("b");
        eventually(() -> assertThat(result(next)).isEqualTo("done"));
    }

    @Test
    void handsItsTaskToAnotherWorkerWhenItIsStopped() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        WorkerLoop first = worker((request, context) -> {
            begun.countDown();
            never.await();
            return StringValue.of("first");
        });
        String name = start("a");
        eventually(() -> assertThat(begun.getCount()).isZero());
        first.close();
        assertThat(metadata(name).getState()).isEqualTo(TaskState.WAITING);
        worker((request, context) -> StringValue.of("second"));
        eventually(() -> assertThat(result(name)).isEqualTo("second"));
    }

    @Test
    void leavesNoFilesBehind() throws IOException {
        Path bundle = Files.createDirectories(folder.resolve("bundle"));
        Files.writeString(bundle.resolve("model.onnx"), "model");
        Artifact manifest = new Manifests(store).store(bundle);
        AtomicInteger runs = new AtomicInteger();
        WorkerLoop worker = worker((request, context) -> {
            runs.incrementAndGet();
            assertThat(context.folder(manifest).resolve("model.onnx")).hasContent("model");
            Files.writeString(context.workFolder().resolve("half"), "half");
            return StringValue.of(context.workFolder().toString());
        });
        String one = start("a");
        String two = start("b");
        eventually(() -> assertThat(Path.of(result(one))).doesNotExist());
        eventually(() -> assertThat(Path.of(result(two))).doesNotExist());
        worker.close();
        try (Stream<Path> left = Files.list(folder.resolve("work"))) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void removesWhatADeadWorkerLeft() throws IOException {
        Path dead = Files.createDirectories(folder.resolve("work/dead/task"));
        Files.writeString(dead.getParent().resolve("lock"), "");
        Files.writeString(dead.resolve("half"), "half");
        worker((request, context) -> StringValue.of("x"));
        assertThat(dead.getParent()).doesNotExist();
    }

    @Test
    @Tag("hostile-30")
    @Tag("hostile-31")
    @Tag("hostile-39")
    void aModelThatCrashesItsProcessCostsAnAttemptAndTheSecondTimeTheTask() throws Exception {
        api.close();
        // Longer than any JVM takes to start: that the process is gone is told by the next one.
        open(Duration.ofMinutes(5));
        String name = start("crash");
        assertThat(crash()).as("the process ends by a signal or an abort, not by itself").isNotZero();
        assertThat(metadata(name).getState()).isEqualTo(TaskState.RUNNING);
        assertThat(crash()).isNotZero();
        assertThat(metadata(name).getAttempts()).as("the next process told at once, before the lease ended, and tried again").isEqualTo(2);
        AtomicInteger runs = new AtomicInteger();
        worker((request, context) -> {
            runs.incrementAndGet();
            return StringValue.of("never");
        });
        eventually(() -> assertThat(error(name).reason()).isEqualTo(Reason.MODEL_CRASHED_RUNTIME));
        assertThat(error(name)).hasMessageContaining("memory").hasMessageNotContaining("Exception");
        assertThat(runs).hasValue(0);
        String next = start("a");
        eventually(() -> assertThat(result(next)).isEqualTo("never"));
    }

    /** A worker in a JVM of its own that does one task and dies of it as a native library dies. */
    private int crash() throws Exception {
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx64m", "-XX:+UseSerialGC",
                "-XX:-CreateCoredumpOnCrash", "-XX:ErrorFile=" + folder.resolve("crash-%p.log"), "-cp", System.getProperty("java.class.path"),
                CrashingWorker.class.getName(), api.address(), folder.toString())
                .redirectErrorStream(true).redirectOutput(folder.resolve("crash.out").toFile()).start();
        assertThat(process.waitFor(4, TimeUnit.MINUTES)).isTrue();
        return process.exitValue();
    }

    private WorkerLoop worker(TaskHandler handler) {
        ManagedChannel channel = api.channel();
        WorkerLoop worker = new WorkerLoop(channel, Map.of("profile", handler), WorkerLoopTest::meaning, store, config.worker(), new Folders(config.worker().folder()));
        open.add(0, () -> {
            worker.close();
            channel.shutdownNow();
        });
        return worker;
    }

    private static Optional<KogataException> meaning(Throwable e) {
        return e instanceof IllegalArgumentException ? Optional.of(new KogataException(Reason.MODEL_BROKEN, e.getMessage())) : Optional.empty();
    }

    private String start(String text) {
        return api.board("profile").start(UUID.randomUUID().toString(), "jobs/1", StringValue.of(text)).getName();
    }

    private TaskMetadata metadata(String name) {
        return OperationClient.metadata(api.operation(name));
    }

    private String result(String name) {
        return OperationClient.result(api.operation(name), StringValue.class).getValue();
    }

    private KogataException error(String name) {
        Operation operation = api.operation(name);
        assertThat(operation.hasError()).isTrue();
        return KogataException.of(operation.getError());
    }
}
