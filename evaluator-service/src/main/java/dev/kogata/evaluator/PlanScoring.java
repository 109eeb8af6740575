package dev.kogata.evaluator;

import dev.kogata.core.quality.ConversationScore;
import dev.kogata.core.quality.Quality;
import dev.kogata.core.quality.QualityMeter;
import dev.kogata.onnx.score.Batching;
import dev.kogata.onnx.score.LogitsSource;
import dev.kogata.onnx.score.Scorer;
import java.util.List;

/**
 * Scores one source of logits, and gives up as soon as it is certain that its divergence is above a limit: no conversation's
 * divergence is negative, so what those measured so far add to the mean over all answer positions is a lower bound of it, whatever the others
 * are. No trial below the limit is ever given up, so nothing is biased.
 */
final class PlanScoring {
    private final SampleSets.Prepared set;
    private final int threads;
    private final double limit;

    /** @param limit divergence above which to give up; infinite never to */
    PlanScoring(SampleSets.Prepared set, int threads, double limit) {
        this.set = set;
        this.threads = threads;
        this.limit = limit;
    }

    /**
     * What was scored.
     *
     * @param quality of the conversations measured; where it was given up, kl is the lower bound of the whole set's
     * @param conversations in the order of the set
     */
    record Scored(Quality quality, List<ConversationScore> conversations, boolean stopped) {}

    /** @param check run after every conversation; what it throws ends the measurement */
    Scored score(LogitsSource source, Runnable check) {
        long start = System.nanoTime();
        long allTokens = set.samples().stream().mapToLong(sample -> sample.answerPositions().length).sum();
        double[] sum = {0};
        List<ConversationScore> scores = new Scorer(set.samples(), set.reference(), Batching.DEFAULT, threads).scores(source, (sample, logits, dense) -> check.run(), score -> {
            sum[0] += score.kl();
            return sum[0] / allTokens > limit;
        });
        // The last conversation may be the one that was too much: then all are measured, and nothing was given up.
        boolean stopped = scores.size() < set.samples().size();
        QualityMeter meter = new QualityMeter();
        for (int i = 0; i < scores.size(); i++) {
            if (stopped) {
                meter.add(scores.get(i));
            } else {
                meter.add(scores.get(i), set.samples().get(i).hasImage());
            }
        }
        Quality measured = meter.quality((System.nanoTime() - start) / 1e9);
        return new Scored(stopped ? withKl(measured, sum[0] / allTokens) : measured, scores, stopped);
    }

    private static Quality withKl(Quality of, double kl) {
        return new Quality(kl, 0, of.nll(), of.exact(), of.conversations(), of.turns(), of.answerTokens(), of.tags(), of.modalities(), of.seconds());
    }
}
