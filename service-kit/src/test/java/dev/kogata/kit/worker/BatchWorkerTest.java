package dev.kogata.kit.worker;

import static dev.kogata.kit.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.StringValue;
import dev.kogata.common.v1.Reason;
import dev.kogata.kit.TestConfig;
import dev.kogata.kit.artifact.FolderArtifactStore;
import dev.kogata.kit.config.KogataConfig;
import dev.kogata.kit.error.KogataException;
import dev.kogata.kit.grpc.OperationClient;
import dev.kogata.kit.task.TestTaskApi;
import dev.kogata.tasks.v1.TaskMetadata;
import dev.kogata.tasks.v1.TaskState;
import io.grpc.ManagedChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Workers that do some tasks and end, as a cluster starts them. */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class BatchWorkerTest {
    @TempDir
    Path folder;

    private TestTaskApi api;
    private final List<Process> processes = new ArrayList<>();

    @BeforeEach
    void open() {
        // A lease longer than the test: what is waiting again before it ends was handed back.
        api = new TestTaskApi(TestConfig.with(Map.of("kogata.task.lease", "PT5M", "kogata.task.check", "PT0.05S")), "profile");
    }

    @AfterEach
    void close() throws Exception {
        processes.forEach(Process::destroyForcibly);
        api.close();
    }

    @Test
    void endsAfterAsManyTasksAsItIsToDo() throws Exception {
        List<String> names = List.of(start("a"), start("b"), start("c"));
        assertThat(worked(Map.of("kogata.worker.max-tasks", "2"))).isEqualTo(WorkerEnd.DONE);
        assertThat(names).extracting(this::state).containsExactly(TaskState.SUCCEEDED, TaskState.SUCCEEDED, TaskState.WAITING);
    }

    @Test
    void severalSlotsTogetherTakeNoTaskTooMany() throws Exception {
        List<String> names = List.of(start("a"), start("b"), start("c"), start("d"), start("e"));
        assertThat(worked(Map.of("kogata.worker.max-tasks", "4", "kogata.worker.slots", "3"))).isEqualTo(WorkerEnd.DONE);
        assertThat(names.stream().map(this::state).filter(TaskState.SUCCEEDED::equals)).hasSize(4);
        assertThat(state(names.get(4))).isEqualTo(TaskState.WAITING);
    }

    @Test
    void endsWhenNothingHasWaitedForAWhile() throws Exception {
        String name = start("a");
        assertThat(worked(Map.of("kogata.worker.idle-exit", "PT0.2S"))).isEqualTo(WorkerEnd.DONE);
        assertThat(state(name)).isEqualTo(TaskState.SUCCEEDED);
    }

    @Test
    void endsWhenNobodyHasAnsweredForAWhileAndSaysThatThisMayPass() throws Exception {
        api.down();
        assertThat(worked(Map.of("kogata.worker.idle-exit", "PT0.2S"))).isEqualTo(WorkerEnd.TEMPORARY);
    }

    @Test
    void goesOnAfterARefusalAndTellsItAtTheEnd() throws Exception {
        List<String> names = List.of(start("refuse"), start("a"));
        assertThat(worked(Map.of("kogata.worker.max-tasks", "2"))).isEqualTo(WorkerEnd.REFUSED);
        assertThat(names).extracting(this::state).containsExactly(TaskState.FAILED, TaskState.SUCCEEDED);
    }

    @Test
    void leavesATaskThatMaySucceedElsewhereToAFreshProcess() throws Exception {
        String name = start("fail");
        assertThat(worked(Map.of("kogata.worker.max-tasks", "2"))).isEqualTo(WorkerEnd.TEMPORARY);
        assertThat(metadata(name)).returns(TaskState.WAITING, TaskMetadata::getState).returns(1, TaskMetadata::getAttempts);
    }

    @Test
    void aProcessEndsWithTheCodeOfItsEnd() throws Exception {
        String done = start("a");
        assertThat(process("kogata.worker.max-tasks=1").waitFor()).isZero();
        assertThat(state(done)).isEqualTo(TaskState.SUCCEEDED);
        String refused = start("refuse");
        assertThat(process("kogata.worker.max-tasks=1").waitFor()).isEqualTo(65);
        assertThat(KogataException.of(api.operation(refused).getError()).reason()).isEqualTo(Reason.ARGUMENT_INVALID);
    }

    @Test
    void aProcessThatIsAskedToStopHandsItsTaskBackAtOnceWithoutUsingUpAnAttempt() throws Exception {
        String name = start("hang");
        Process first = process("kogata.worker.max-tasks=1");
        begun(name);
        first.destroy();
        assertThat(first.waitFor()).as("what the signal gives").isEqualTo(143);
        assertThat(state(name)).as("handed back before the process was gone; it said: %s", Files.readString(folder.resolve("worker.out"))).isEqualTo(TaskState.WAITING);
        // Were an attempt used up, the second of these would end the task: the default is two attempts.
        for (int again = 0; again < 2; again++) {
            Process next = process("kogata.worker.max-tasks=1");
            begun(name);
            next.destroy();
            next.waitFor();
            assertThat(state(name)).isEqualTo(TaskState.WAITING);
        }
    }

    /** How a worker ends in this process, and what it says of that. */
    private WorkerEnd worked(Map<String, String> settings) throws Exception {
        Map<String, String> all = new HashMap<>(settings);
        all.put("kogata.worker.folder", folder.resolve("work").toString());
        all.put("kogata.worker.poll", "PT1S");
        KogataConfig config = TestConfig.with(all);
        ManagedChannel channel = api.channel();
        try (WorkerLoop worker = new WorkerLoop(channel, Map.of("profile", (request, context) -> {
            String what = request.unpack(StringValue.class).getValue();
            if (what.equals("refuse")) {
                throw KogataException.invalid("what", "No.");
            }
            if (what.equals("fail")) {
                throw new IllegalStateException("by accident");
            }
            return StringValue.of(what);
        }), error -> Optional.empty(), new FolderArtifactStore(folder.resolve("store"), true), config.worker(), new Folders(config.worker().folder()))) {
            return worker.awaitEnd();
        } finally {
            channel.shutdownNow();
        }
    }

    private Process process(String... settings) throws Exception {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        for (String setting : settings) {
            command.add("-D" + setting);
        }
        command.addAll(List.of("-Dkogata.home=" + folder.resolve("home"), "-Dkogata.profiler.address=" + api.address(),
                "-Dkogata.kafka.bootstrap-servers=127.0.0.1:1", "-cp", System.getProperty("java.class.path"), OneTaskWorker.class.getName()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(folder.resolve("worker.out").toFile()).start();
        processes.add(process);
        return process;
    }

    /** A JVM may need long to start where everybody else starts some, too. */
    private void begun(String name) {
        eventually(Duration.ofMinutes(2), () -> assertThat(state(name)).isEqualTo(TaskState.RUNNING));
    }

    private String start(String what) {
        return api.board("profile").start(UUID.randomUUID().toString(), "jobs/1", StringValue.of(what)).getName();
    }

    private TaskMetadata metadata(String name) {
        return OperationClient.metadata(api.operation(name));
    }

    private TaskState state(String name) {
        return metadata(name).getState();
    }
}
