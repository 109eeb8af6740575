package dev.kogata.standalone.cli;

/** What the command line's exit status says. Scripts rely on these numbers. */
final class ExitCode {
    static final int DONE = 0;
    static final int USAGE = 2;
    static final int REFUSED = 3;
    static final int JOB_FAILED = 4;
    static final int UNREACHABLE = 5;
    static final int INTERRUPTED = 130;

    private ExitCode() {}
}
