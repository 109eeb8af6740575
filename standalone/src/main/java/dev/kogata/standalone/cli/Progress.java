package dev.kogata.standalone.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;

/** Shows on standard error how far a command is. Not thread-safe, except for {@link #remark}. */
interface Progress extends AutoCloseable {
    /** A new stage of the command begins. */
    void stage(String what);

    /** Something happened to the job that is waited for. */
    void event(JsonNode event);

    /** Something worth a line of its own. */
    void remark(String what);

    @Override
    void close();

    /** A bar on a terminal, lines otherwise. {@code ./kogata} says which it is: the JVM cannot tell for standard error. */
    static Progress on(Output output) {
        return Boolean.getBoolean("kogata.terminal") ? new BarProgress() : new LineProgress(output);
    }

    /** What a state of a job means. */
    static String words(String state) {
        return switch (state) {
            case "QUEUED" -> "waiting";
            case "INSPECTING" -> "reading model and data";
            case "PROFILING" -> "measuring the dense model";
            case "SEARCHING" -> "searching";
            case "COMPRESSING" -> "writing the compressed model";
            case "VERIFYING" -> "verifying what will be delivered";
            case "SUCCEEDED" -> "done";
            default -> state.toLowerCase(Locale.ROOT);
        };
    }

    /** A finished trial in words. */
    static String words(JsonNode trial) {
        return String.format(Locale.ROOT, "trial %d of %d, best loss %.4g",
                trial.path("number").asInt() + 1, trial.path("trials").asInt(), trial.path("best_loss").asDouble());
    }
}
