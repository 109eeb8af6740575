package dev.kogata.standalone.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SupervisorTest {
    private static final Duration GRACE = Duration.ofSeconds(1);
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir
    Path logs;

    private final List<String> notices = Collections.synchronizedList(new ArrayList<>());

    @Test
    void startsAKilledProcessAgainAndSaysSo() throws Exception {
        try (var supervisor = start(Dummy.spec("one", "stay"))) {
            SupervisedProcess process = supervisor.processes().get(0);
            long first = process.pid();
            ProcessHandle.of(first).orElseThrow().destroyForcibly();
            Eventually.becomes("another process runs", () -> process.pid() > 0 && process.pid() != first && process.isReady());
            assertThat(notices).singleElement().asString().contains("one ended with status 137", "started again");
        }
    }

    @Test
    void leavesNoProcessBehindWhenClosed() throws Exception {
        List<Long> pids;
        try (var supervisor = start(Dummy.spec("broker", "stay"), Dummy.spec("worker", "stay"))) {
            pids = supervisor.processes().stream().map(SupervisedProcess::pid).toList();
            assertThat(pids).allMatch(pid -> alive(pid));
        }
        assertThat(pids).noneMatch(pid -> alive(pid));
        assertThat(notices).isEmpty();
    }

    @Test
    void killsAProcessThatDoesNotEndByItself() throws Exception {
        long pid;
        try (var supervisor = start(Dummy.spec("one", "stubborn"))) {
            pid = supervisor.processes().get(0).pid();
        }
        assertThat(alive(pid)).isFalse();
    }

    @Test
    void givesUpAProcessThatNeverGetsReadyAndNamesItsLog() {
        try (var supervisor = new Supervisor(List.of(Dummy.spec("one", "end")), GRACE, logs, notices::add)) {
            supervisor.start();
            assertThatThrownBy(() -> supervisor.awaitReady(LIMIT))
                    .isInstanceOf(MeshFailure.class)
                    .hasMessageContaining("one ended 3 times")
                    .hasMessageContaining("status 7")
                    .hasMessageContaining("one.log");
        }
    }

    @Test
    void processesEndByThemselvesWhenTheirSupervisorIsKilled() throws Exception {
        List<String> command = new ArrayList<>(Dummy.java());
        command.addAll(List.of(Dummy.class.getName(), "supervise", logs.toString()));
        Process supervisor = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (var said = supervisor.inputReader()) {
            assertThat(said.readLine()).isEqualTo("ready");
            List<Long> pids = List.of(pid("one"), pid("two"));
            assertThat(pids).allMatch(pid -> alive(pid));
            supervisor.destroyForcibly().waitFor();
            Eventually.becomes("the processes end", () -> pids.stream().noneMatch(pid -> alive(pid)));
        }
    }

    private Supervisor start(ProcessSpec... specs) throws InterruptedException {
        var supervisor = new Supervisor(List.of(specs), GRACE, logs, notices::add);
        supervisor.start();
        supervisor.awaitReady(LIMIT);
        return supervisor;
    }

    private long pid(String name) throws Exception {
        return Long.parseLong(Files.readString(logs.resolve(name + ".log")).strip().replaceAll(".* ", ""));
    }

    private static boolean alive(long pid) {
        return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }
}
