package dev.kogata.standalone.cli;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What must be undone when a command ends, in the reverse order of its doing: at the end of a {@code try} block, or when
 * the user interrupts the process, whichever comes first; never twice. Thread-safe.
 */
final class CleanUp implements AutoCloseable {
    private static volatile boolean interrupted;

    private final Deque<Runnable> steps = new ArrayDeque<>();
    private final Thread hook = new Thread(this::onSignal, "clean-up");

    CleanUp() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** True once a signal ends this process: what fails from now on fails because of that. */
    static boolean isUnderWay() {
        return interrupted;
    }

    /** Adds a step, to be done before those added earlier. */
    synchronized void add(Runnable step) {
        steps.push(step);
    }

    @Override
    public void close() {
        run();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException alreadyShuttingDown) {
            // The hook finds nothing left to do.
        }
    }

    private void onSignal() {
        synchronized (this) {
            if (steps.isEmpty()) {
                return;
            }
        }
        interrupted = true;
        run();
    }

    private synchronized void run() {
        while (!steps.isEmpty()) {
            try {
                steps.pop().run();
            } catch (RuntimeException failed) {
                // The other steps must be done all the same.
            }
        }
    }
}
