package dev.kogata.standalone;

import dev.kogata.kit.artifact.Artifacts;
import dev.kogata.kit.config.ConfigReader;
import dev.kogata.kit.config.KogataConfig;
import dev.kogata.kit.event.Bell;
import dev.kogata.kit.grpc.Channels;
import dev.kogata.kit.worker.WorkerLoop;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import java.util.List;

/**
 * The worker of the embedded mesh: does the tasks of all types, in a process of its own because the models it runs are
 * untrusted and may crash it. Prints {@code ready} when it can claim tasks; hands back what it does when it is stopped.
 */
public final class WorkerMain {
    private static final long RETRY_MILLIS = 200;

    private WorkerMain() {}

    /** Runs until the process is ended. */
    public static void main(String[] arguments) throws InterruptedException {
        WorkerLog.start();
        KogataConfig config = ConfigReader.read();
        // All APIs of this mesh are in one process, which hands out the tasks of every type.
        ManagedChannel api = Channels.open(config.profiler().address(), config.grpc());
        awaitConnection(api);
        WorkerLoop loop = new WorkerLoop(api, WorkerTasks.handlers(), WorkerTasks::meaning, Artifacts.open(config.artifacts()), config.worker());
        List<String> topics = WorkerTasks.handlers().keySet().stream().map(type -> "kogata.tasks." + type).toList();
        Bell bell = new Bell(config.kafka(), topics, event -> loop.ring());
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            bell.close();
            loop.close();
            api.shutdownNow();
        }, "stop"));
        System.out.println("ready, for tasks of type " + String.join(", ", WorkerTasks.handlers().keySet()));
        Thread.currentThread().join();
    }

    /** The control process starts at the same time; gRPC's own pauses between attempts grow to minutes. */
    private static void awaitConnection(ManagedChannel api) throws InterruptedException {
        while (api.getState(true) != ConnectivityState.READY) {
            Thread.sleep(RETRY_MILLIS);
            api.resetConnectBackoff();
        }
    }
}
