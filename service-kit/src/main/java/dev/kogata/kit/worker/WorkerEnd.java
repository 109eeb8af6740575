package dev.kogata.kit.worker;

/** How the work of a worker ended that does not work for ever, as its process tells whoever started it. */
public enum WorkerEnd {
    /** It did what it was to do, or nothing waited. */
    DONE(0),
    /** A task was refused for good: the same again gives the same (EX_DATAERR). */
    REFUSED(65),
    /** A task failed for a reason that may pass, or nobody answered: a process started anew may do it (EX_TEMPFAIL). */
    TEMPORARY(75),
    /** It cannot do its tasks as it is configured; its log says why (EX_CONFIG). */
    MISCONFIGURED(78);

    private final int exitCode;

    WorkerEnd(int exitCode) {
        this.exitCode = exitCode;
    }

    /** Exit code of the process. One that is asked to stop by a signal has the signal's own, such as 143. */
    public int exitCode() {
        return exitCode;
    }
}
