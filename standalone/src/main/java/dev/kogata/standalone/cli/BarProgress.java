package dev.kogata.standalone.cli;

import com.fasterxml.jackson.databind.JsonNode;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A bar that moves with the job, its stage beside it. */
final class BarProgress implements Progress {
    private static final int STEPS = 100;

    private final ProgressBar bar = new ProgressBarBuilder()
            .setInitialMax(STEPS)
            .setTaskName("kogata")
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(200)
            .hideEta()
            .setConsumer(new ConsoleProgressBarConsumer(System.err))
            .build();

    @Override
    public void stage(String what) {
        bar.setExtraMessage(" " + what);
    }

    @Override
    public void event(JsonNode event) {
        bar.stepTo(Math.round(event.path("progress").asDouble() * STEPS));
        String stage = Progress.words(event.path("state").asText());
        bar.setExtraMessage(" " + (event.hasNonNull("trial") ? stage + ", " + Progress.words(event.path("trial")) : stage));
    }

    @Override
    public void remark(String what) {
        bar.setExtraMessage(" " + what);
    }

    @Override
    public void close() {
        bar.close();
    }
}
