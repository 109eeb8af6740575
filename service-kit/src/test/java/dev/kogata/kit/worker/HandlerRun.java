package dev.kogata.kit.worker;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import dev.kogata.kit.artifact.ArtifactStore;
import dev.kogata.kit.artifact.Manifests;
import dev.kogata.tasks.v1.Task;
import java.nio.file.Files;
import java.nio.file.Path;

/** Runs a handler on one request as a worker would, without a mesh around it. For tests of services. */
public final class HandlerRun {
    private final ArtifactStore artifacts;
    private final Path folder;
    private final FolderCache cache;
    private int count;

    /** @param folder of work in progress */
    public HandlerRun(ArtifactStore artifacts, Path folder) {
        this.artifacts = artifacts;
        this.folder = folder;
        this.cache = new FolderCache(new Manifests(artifacts), folder.resolve("cache"), Long.MAX_VALUE);
    }

    /** The result of the request, or the handler's exception. */
    public <R extends Message> R run(TaskHandler handler, Message request, Class<R> result) throws Exception {
        Path work = Files.createDirectories(folder.resolve("work-" + count++));
        TaskContext context = new TaskContext(Task.newBuilder().setName("test/" + count).setJob("jobs/test").setAttempt(1).build(), artifacts, cache, work);
        try {
            return result.cast(handler.run(Any.pack(request), context));
        } finally {
            context.release();
        }
    }
}
