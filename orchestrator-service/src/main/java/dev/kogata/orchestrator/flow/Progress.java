package dev.kogata.orchestrator.flow;

/** Where in a job's progress each state begins: about the share of time that small models spend before it. */
final class Progress {

    static final double INSPECTING = 0.01;
    static final double PROFILING = 0.02;
    static final double SEARCHING = 0.15;
    static final double COMPRESSING = 0.70;
    static final double VERIFYING = 0.90;
    static final double END = 0.99;

    private Progress() {
    }
}
