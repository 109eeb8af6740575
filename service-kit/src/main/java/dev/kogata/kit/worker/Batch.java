package dev.kogata.kit.worker;

import dev.kogata.kit.config.KogataConfig;
import java.time.Duration;
import java.util.Optional;

/**
 * When a worker's work is over: never, after a number of tasks, when nothing has waited for a while, or, where it would end
 * some time anyway, when a task failed for a reason that may pass: a fresh process is the better one to try again.
 * Thread-safe.
 */
final class Batch {
    /** 0 for no limit. */
    private final int most;
    private final Optional<Duration> idleExit;
    private int begun;
    private int busy;
    private long idleSince = System.nanoTime();
    private boolean over;
    private WorkerEnd end = WorkerEnd.DONE;

    Batch(KogataConfig.Worker config) {
        this.most = config.maxTasks();
        this.idleExit = config.idleExit();
    }

    /** Whether one more task may be claimed; where it may, exactly one of {@link #claimed}, {@link #nothing}, {@link #unanswered} follows. */
    synchronized boolean next() {
        if (over || most > 0 && begun >= most) {
            return false;
        }
        begun++;
        return true;
    }

    /** How long a claim may wait, of {@code poll}. */
    synchronized Duration patience(Duration poll) {
        return idleExit.map(limit -> busy > 0 ? limit : limit.minusNanos(System.nanoTime() - idleSince))
                .filter(left -> left.compareTo(poll) < 0).map(left -> left.isNegative() ? Duration.ZERO : left).orElse(poll);
    }

    /** There was a task; {@link #ended} follows. */
    synchronized void claimed() {
        busy++;
    }

    /** No task waited. */
    synchronized void nothing() {
        begun--;
        over = over || isIdle();
    }

    /** Nobody answered. */
    synchronized void unanswered() {
        begun--;
        if (isIdle()) {
            ends(WorkerEnd.TEMPORARY);
        }
    }

    /** The task that was claimed is not being done any more. */
    synchronized void ended() {
        busy--;
        idleSince = System.nanoTime();
    }

    /** A task failed for good. */
    synchronized void refused() {
        end = end == WorkerEnd.DONE ? WorkerEnd.REFUSED : end;
    }

    /** A task failed, and may succeed elsewhere or later. */
    synchronized void failedForNow() {
        if (ends()) {
            ends(WorkerEnd.TEMPORARY);
        }
    }

    /** Whether the work is over some time. */
    boolean ends() {
        return most > 0 || idleExit.isPresent();
    }

    synchronized WorkerEnd end() {
        return end;
    }

    private void ends(WorkerEnd how) {
        over = true;
        end = how;
    }

    private boolean isIdle() {
        return busy == 0 && idleExit.isPresent() && System.nanoTime() - idleSince >= idleExit.get().toNanos();
    }
}
