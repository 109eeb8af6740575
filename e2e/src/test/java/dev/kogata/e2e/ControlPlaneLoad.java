package dev.kogata.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import dev.kogata.common.v1.Artifact;
import dev.kogata.profiler.v1.ProfileModelRequest;
import dev.kogata.profiler.v1.ProfileModelResult;
import dev.kogata.profiler.v1.ProfilerServiceGrpc;
import dev.kogata.tasks.v1.ClaimTaskRequest;
import dev.kogata.tasks.v1.ClaimTaskResponse;
import dev.kogata.tasks.v1.FinishTaskRequest;
import dev.kogata.tasks.v1.Task;
import dev.kogata.tasks.v1.TaskQueueServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

/**
 * Load on the control plane, by hand: the build does not run classes of this name, {@code -Dtest=ControlPlaneLoad} does. Real services, each a process, no
 * worker: a thousand jobs are accepted, survive a kill of every service, and are cancelled; a thousand tasks are started, claimed and finished. What comes
 * out is the table of docs/benchmarks.md, on standard output and in {@code target/control-plane-load.md}.
 */
class ControlPlaneLoad {
    private static final int CALLS = Integer.getInteger("kogata.load.calls", 1000);
    private static final int CLIENTS = 8;
    private static final int SAME_KEY = 50;
    /** Rows by their name: a cell for each database, in the order they were measured in. */
    private static final Map<String, List<String>> TABLE = new LinkedHashMap<>();

    private SeparateServices mesh;
    private ControlPlane plane;

    @Test
    void onBothDatabases() throws Exception {
        OwnPostgres postgres = OwnPostgres.start().orElseThrow(() -> new IllegalStateException("no PostgreSQL is installed here"));
        try (postgres) {
            on("H2", Optional.empty());
            on("PostgreSQL", Optional.of(postgres));
        } finally {
            StringBuilder table = new StringBuilder();
            TABLE.forEach((row, cells) -> table.append("| ").append(row).append(" | ").append(String.join(" | ", cells)).append(" |\n"));
            Files.writeString(Path.of("target/control-plane-load.md"), table);
            System.out.print(table);
        }
    }

    private void on(String name, Optional<OwnPostgres> postgres) throws Exception {
        Path folder = Files.createTempDirectory("kogata-load");
        say("", name);
        try (SeparateServices services = SeparateServices.control(folder.resolve("mesh"), postgres, Map.of("kogata.jobs.at-once", "1"))) {
            mesh = services;
            plane = new ControlPlane(services.server());
            jobs(folder);
            tasks();
        }
    }

    private static void say(String row, Object cell) {
        TABLE.computeIfAbsent(row, measured -> new ArrayList<>()).add(cell.toString());
        System.out.println(row + ": " + cell);
    }

    private void jobs(Path folder) throws Exception {
        PatientClient client = new PatientClient(mesh.server());
        String model = client.create("models", "{\"uploads\": [\"" + client.upload("model.zip", Rest.zip(FaultsTest.MODEL)) + "\"]}", "");
        byte[] data = Rest.zip(SmallData.first(24, "calibration", folder.resolve("data")).getParent());
        String dataset = client.create("datasets", "{\"uploads\": [\"" + client.upload("data.zip", data) + "\"]}", "");
        String body = "{\"model\": \"%s\", \"dataset\": \"%s\", \"budget\": {\"ratio\": 0.7}}".formatted(model, dataset);
        Set<String> same = ConcurrentHashMap.newKeySet();
        var together = ControlPlane.together(SAME_KEY, SAME_KEY, number -> same.add(plane.start(body, "same")));
        say(SAME_KEY + " clients with one key at once", same.size() + " job, %.1f s".formatted(together.seconds()));
        plane.cancel(same.iterator().next());
        Queue<String> accepted = new ConcurrentLinkedQueue<>();
        say("jobs accepted", ControlPlane.together(CLIENTS, CALLS, number -> accepted.add(plane.start(body, "key-" + number))));
        say("a job's state asked for", ControlPlane.together(CLIENTS, CALLS, number -> Rest.get(mesh.server() + "/v1/" + accepted.peek())));
        long killed = System.nanoTime();
        mesh.restartApis();
        double ready = (System.nanoTime() - killed) / 1e9;
        say("every service killed, until all are ready", "%.1f s; %d of %d jobs there".formatted(ready, plane.jobs("active").size(), accepted.size()));
        say("jobs cancelled", ControlPlane.together(CLIENTS, CALLS, number -> plane.cancel(accepted.poll())));
        assertThat(plane.jobs("active")).isEmpty();
    }

    private void tasks() throws Exception {
        ManagedChannel channel = NettyChannelBuilder.forTarget(mesh.grpc("profiler")).usePlaintext().build();
        Artifact artifact = Artifact.newBuilder().setSha256("0".repeat(64)).build();
        ProfilerServiceGrpc.ProfilerServiceBlockingStub profiler = ProfilerServiceGrpc.newBlockingStub(channel);
        TaskQueueServiceGrpc.TaskQueueServiceBlockingStub queue = TaskQueueServiceGrpc.newBlockingStub(channel);
        say("tasks started", ControlPlane.together(CLIENTS, CALLS, number -> profiler.profileModel(
                ProfileModelRequest.newBuilder().setRequestId("load/" + number).setJob("jobs/load").setModel(artifact).setCalibration(artifact).build())));
        Queue<Task> claimed = new ConcurrentLinkedQueue<>();
        say("tasks claimed", ControlPlane.together(CLIENTS, CALLS, number -> {
            // Where others claim at the same moment, a claim may find nothing.
            ClaimTaskResponse answer = ClaimTaskResponse.getDefaultInstance();
            while (!answer.hasTask()) {
                answer = queue.claimTask(ClaimTaskRequest.newBuilder().addTypes("profile").setWorker("load-" + number % CLIENTS).setWait(Duration.getDefaultInstance()).build());
            }
            claimed.add(answer.getTask());
        }));
        Any result = Any.pack(ProfileModelResult.getDefaultInstance());
        say("tasks finished", ControlPlane.together(CLIENTS, CALLS, number -> {
            Task task = claimed.poll();
            queue.finishTask(FinishTaskRequest.newBuilder().setName(task.getName()).setFence(task.getFence()).setResult(result).build());
        }));
        channel.shutdownNow();
        assertThat(claimed).isEmpty();
    }
}
