package dev.kogata.kit.worker;

/** The task was cancelled, its lease is lost, or the worker stops: whatever is computed now, nobody wants it. */
public final class TaskStopped extends RuntimeException {
    TaskStopped(String why) {
        super(why);
    }
}
