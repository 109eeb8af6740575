package dev.kogata.standalone.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Locale;

/** One line per stage, and one about the trials every few seconds. */
final class LineProgress implements Progress {
    private static final Duration TRIALS_EVERY = Duration.ofSeconds(5);

    private final Output output;
    private final long begin = System.nanoTime();
    private long lastTrialLine = begin;
    private String state = "";

    LineProgress(Output output) {
        this.output = output;
    }

    @Override
    public void stage(String what) {
        remark(what);
    }

    @Override
    public void event(JsonNode event) {
        String now = event.path("state").asText();
        if (!now.equals(state)) {
            state = now;
            stage(Progress.words(now));
        }
        if (event.hasNonNull("trial") && System.nanoTime() - lastTrialLine >= TRIALS_EVERY.toNanos()) {
            lastTrialLine = System.nanoTime();
            remark("  " + Progress.words(event.path("trial")));
        }
    }

    @Override
    public void remark(String what) {
        output.note(String.format(Locale.ROOT, "[%6.1f s] %s", (System.nanoTime() - begin) / 1e9, what));
    }

    @Override
    public void close() {
        // Every line is out already.
    }
}
