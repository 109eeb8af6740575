package dev.kogata.e2e;

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
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Load on the control plane, by hand: {@code ControlPlaneLoad h2|postgres}. Real services, each a process, no worker: a thousand jobs are accepted, survive
 * a kill of every service, and are cancelled; a thousand tasks are started, claimed and finished. Figures are in docs/benchmarks.md.
 */
public final class ControlPlaneLoad {
    private static final int CALLS = 1000;
    private static final int CLIENTS = 8;
    private static final int SAME_KEY = 50;

    private final SeparateServices mesh;
    private final ControlPlane plane;

    private ControlPlaneLoad(SeparateServices mesh) {
        this.mesh = mesh;
        this.plane = new ControlPlane(mesh.server());
    }

    /** See the class. */
    public static void main(String[] arguments) throws Exception {
        Optional<OwnPostgres> postgres = arguments[0].equals("postgres") ? OwnPostgres.start() : Optional.empty();
        if (arguments[0].equals("postgres") && postgres.isEmpty()) {
            throw new IllegalStateException("no PostgreSQL is installed here");
        }
        Path folder = Files.createTempDirectory("kogata-load");
        try (SeparateServices mesh = SeparateServices.control(folder.resolve("mesh"), postgres, Map.of("kogata.jobs.at-once", "1"))) {
            ControlPlaneLoad load = new ControlPlaneLoad(mesh);
            load.jobs(folder);
            load.tasks();
        } finally {
            if (postgres.isPresent()) {
                postgres.get().close();
            }
        }
        System.exit(0);
    }

    private void jobs(Path folder) throws Exception {
        PatientClient client = new PatientClient(mesh.server());
        String model = client.create("models", "{\"uploads\": [\"" + client.upload("model.zip", Rest.zip(FaultsTest.MODEL)) + "\"]}", "");
        byte[] data = Rest.zip(SmallData.first(24, "calibration", folder.resolve("data")).getParent());
        String dataset = client.create("datasets", "{\"uploads\": [\"" + client.upload("data.zip", data) + "\"]}", "");
        String body = "{\"model\": \"%s\", \"dataset\": \"%s\", \"budget\": {\"ratio\": 0.7}}".formatted(model, dataset);
        Set<String> same = ConcurrentHashMap.newKeySet();
        System.out.println(SAME_KEY + " clients with one key at once: " + ControlPlane.together(SAME_KEY, SAME_KEY, number -> same.add(plane.start(body, "same"))) + "; jobs: " + same.size());
        plane.cancel(same.iterator().next());
        Queue<String> accepted = new ConcurrentLinkedQueue<>();
        System.out.println("jobs accepted, " + CLIENTS + " clients: " + ControlPlane.together(CLIENTS, CALLS, number -> accepted.add(plane.start(body, "key-" + number))));
        System.out.println("states asked for, " + CLIENTS + " clients: " + ControlPlane.together(CLIENTS, CALLS, number -> Rest.get(mesh.server() + "/v1/" + accepted.peek())));
        long killed = System.nanoTime();
        mesh.restartApis();
        System.out.printf("every service killed and ready again: %.1f s%n", (System.nanoTime() - killed) / 1e9);
        System.out.println("jobs there of " + accepted.size() + ": " + plane.jobs("active").size());
        System.out.println("jobs cancelled, " + CLIENTS + " clients: " + ControlPlane.together(CLIENTS, CALLS, number -> plane.cancel(accepted.poll())));
        System.out.println("jobs left: " + plane.jobs("active").size());
    }

    private void tasks() throws Exception {
        ManagedChannel channel = NettyChannelBuilder.forTarget(mesh.grpc("profiler")).usePlaintext().build();
        Artifact artifact = Artifact.newBuilder().setSha256("0".repeat(64)).build();
        ProfilerServiceGrpc.ProfilerServiceBlockingStub profiler = ProfilerServiceGrpc.newBlockingStub(channel);
        TaskQueueServiceGrpc.TaskQueueServiceBlockingStub queue = TaskQueueServiceGrpc.newBlockingStub(channel);
        System.out.println("tasks started, " + CLIENTS + " callers: " + ControlPlane.together(CLIENTS, CALLS, number -> profiler.profileModel(
                ProfileModelRequest.newBuilder().setRequestId("load/" + number).setJob("jobs/load").setModel(artifact).setCalibration(artifact).build())));
        Queue<Task> claimed = new ConcurrentLinkedQueue<>();
        System.out.println("tasks claimed, " + CLIENTS + " workers: " + ControlPlane.together(CLIENTS, CALLS, number -> {
            // Where others claim at the same moment, a claim may find nothing.
            ClaimTaskResponse answer = ClaimTaskResponse.getDefaultInstance();
            while (!answer.hasTask()) {
                answer = queue.claimTask(ClaimTaskRequest.newBuilder().addTypes("profile").setWorker("load-" + number % CLIENTS).setWait(Duration.getDefaultInstance()).build());
            }
            claimed.add(answer.getTask());
        }));
        Any result = Any.pack(ProfileModelResult.getDefaultInstance());
        System.out.println("tasks finished, " + CLIENTS + " workers: " + ControlPlane.together(CLIENTS, CALLS, number -> {
            Task task = claimed.poll();
            queue.finishTask(FinishTaskRequest.newBuilder().setName(task.getName()).setFence(task.getFence()).setResult(result).build());
        }));
        channel.shutdownNow();
    }
}
