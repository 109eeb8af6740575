package dev.kogata.kit.worker;

import dev.kogata.common.v1.Artifact;
import dev.kogata.kit.artifact.ArtifactStore;
import dev.kogata.kit.artifact.Manifests;
import dev.kogata.tasks.v1.Task;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What a handler has at hand while it does one task. Thread-safe. */
public final class TaskContext {
    private final Task task;
    private final ArtifactStore artifacts;
    private final FolderCache cache;
    private final Path workFolder;
    private final List<FolderCache.Use> used = new ArrayList<>();
    private final List<Runnable> onStop = new ArrayList<>();
    private volatile double progress;
    private volatile String message = "";
    private String stopped;
    private long stoppedAt;

    TaskContext(Task task, ArtifactStore artifacts, FolderCache cache, Path workFolder) {
        this.task = task;
        this.artifacts = artifacts;
        this.cache = cache;
        this.workFolder = workFolder;
    }

    /** Name of the task. */
    public String name() {
        return task.getName();
    }

    /** The job that it is done for. */
    public String job() {
        return task.getJob();
    }

    /** Whose job that is. */
    public String tenant() {
        return task.getTenant();
    }

    /** Which attempt this is, from 1. */
    public int attempt() {
        return task.getAttempt();
    }

    /** The artifact store. */
    public ArtifactStore artifacts() {
        return artifacts;
    }

    /** Folders in the artifact store. */
    public Manifests manifests() {
        return new Manifests(artifacts);
    }

    /** An empty folder of this task's own, deleted after it. */
    public Path workFolder() {
        return workFolder;
    }

    /**
     * The files of a manifest as a folder, kept between tasks. It stays where it is until this task ends. Read only: its
     * files may be those of the artifact store.
     */
    public Path folder(Artifact manifest) {
        FolderCache.Use use = cache.use(manifest);
        synchronized (used) {
            used.add(use);
        }
        return use.folder();
    }

    /** One artifact as a file of the work folder, under a name of the caller's. Read only. */
    public Path file(Artifact artifact, String name) {
        Path target = workFolder.resolve(name);
        artifacts.materialise(artifact.getSha256(), target);
        return target;
    }

    /** Says how far the task is, [0, 1], and what is being done; then stops it if nobody wants it any more. */
    public void progress(double share, String doing) {
        progress = share;
        message = doing;
        throwIfStopped();
    }

    /** Throws {@link TaskStopped} where the task was cancelled, lost, or is to be handed back. Call it between steps. */
    public void throwIfStopped() {
        synchronized (onStop) {
            if (stopped != null) {
                throw new TaskStopped(stopped);
            }
        }
    }

    /** Whether the task is to stop. */
    public boolean isStopped() {
        synchronized (onStop) {
            return stopped != null;
        }
    }

    /** Runs {@code action} when the task is to stop, at once if it is already: for instance to terminate a model's run. */
    public void onStop(Runnable action) {
        synchronized (onStop) {
            if (stopped == null) {
                onStop.add(action);
                return;
            }
        }
        action.run();
    }

    void stop(String why) {
        List<Runnable> actions;
        synchronized (onStop) {
            if (stopped != null) {
                return;
            }
            stopped = why;
            stoppedAt = System.nanoTime();
            actions = List.copyOf(onStop);
        }
        actions.forEach(Runnable::run);
    }

    /** Whether it was told to stop longer ago than this, and still has not. */
    boolean isStuck(Duration patience) {
        synchronized (onStop) {
            return stopped != null && System.nanoTime() - stoppedAt > patience.toNanos();
        }
    }

    Task task() {
        return task;
    }

    double progress() {
        return progress;
    }

    String message() {
        return message;
    }

    void release() {
        synchronized (used) {
            used.forEach(FolderCache.Use::close);
            used.clear();
        }
    }
}
