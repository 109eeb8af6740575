package dev.kogata.orchestrator.flow;

import dev.kogata.orchestrator.job.JobRun;
import dev.kogata.orchestrator.v1.JobState;
import java.util.Arrays;

/**
 * How far a stage with several tasks is, as a part of the whole job. Tells of it only where the job moved on by a visible
 * amount, so that long tasks make tens of events and not thousands. Thread-safe.
 */
final class StageProgress {

    /** Smallest step of a job's progress that is worth an event. */
    private static final double VISIBLE = 0.01;

    private final JobRun run;
    private final JobState state;
    private final double from;
    private final double to;
    private final double[] weights;
    private final double[] done;
    private double told;

    /**
     * @param from progress of the job when the stage begins
     * @param to progress of the job when it ends
     * @param weights of the stage's tasks, in any unit
     */
    StageProgress(JobRun run, JobState state, double from, double to, double... weights) {
        this.run = run;
        this.state = state;
        this.from = from;
        this.to = to;
        this.weights = weights.clone();
        this.done = new double[weights.length];
        this.told = from;
    }

    /** Says what begins or ended, with an event in any case. */
    synchronized void say(String message) {
        told = now();
        run.advance(state, told, message);
    }

    /** A task got this far, [0, 1]. */
    synchronized void done(int task, double share, String message) {
        done[task] = Math.max(done[task], Math.min(1, share));
        if (now() - told >= VISIBLE) {
            say(message);
        }
    }

    private double now() {
        double all = Arrays.stream(weights).sum();
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            sum += weights[i] * done[i];
        }
        return from + (to - from) * sum / all;
    }
}
