package dev.kogata.kit.worker;

import dev.kogata.kit.TestConfig;
import dev.kogata.kit.artifact.FolderArtifactStore;
import dev.kogata.kit.config.KogataConfig;
import dev.kogata.kit.grpc.Channels;
import java.lang.reflect.Field;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** A worker whose every task is a model that makes native code write to address 0. Arguments: address of the API, folder. */
final class CrashingWorker {
    private CrashingWorker() {}

    public static void main(String[] arguments) throws InterruptedException {
        Path folder = Path.of(arguments[1]);
        KogataConfig config = TestConfig.with(Map.of("kogata.worker.folder", folder.resolve("work").toString()));
        new WorkerLoop(Channels.open(arguments[0], config.grpc()), Map.of("profile", (request, context) -> {
            Class<?> type = Class.forName("sun.misc.Unsafe");
            Field unsafe = type.getDeclaredField("theUnsafe");
            unsafe.setAccessible(true);
            type.getMethod("putAddress", long.class, long.class).invoke(unsafe.get(null), 0L, 0L);
            return null;
        }), error -> Optional.empty(), new FolderArtifactStore(folder.resolve("store"), true), config.worker(), new Folders(config.worker().folder()));
        Thread.currentThread().join();
    }
}
