package dev.kogata.onnx.score;

import dev.kogata.core.quality.ConversationScore;
import dev.kogata.core.quality.Quality;
import dev.kogata.core.quality.QualityMeter;
import dev.kogata.onnx.sample.Sample;
import java.util.Arrays;
import java.util.List;

/**
 * Measures a source of logits on one set of samples, against the dense model's logits. The same source gives the same
 * quality, bit for bit. Safe for use by several threads where the reference is.
 */
public final class Scorer {
    private final List<Sample> samples;
    private final Reference reference;
    private final List<int[]> batches;

    /** Told of every batch as it is measured; whatever it throws ends the measurement. */
    @FunctionalInterface
    public interface Listener {

        /**
         * @param sample its index
         * @param logits (answers, vocabulary) of the source
         * @param dense (answers, vocabulary) of the dense model
         */
        void measured(int sample, float[] logits, float[] dense);
    }

    public Scorer(List<Sample> samples, Reference reference, Batching batching) {
        this.samples = List.copyOf(samples);
        this.reference = reference;
        this.batches = batching.batches(samples);
    }

    /** Measures all samples. */
    public Quality quality(LogitsSource source) {
        return quality(source, (sample, logits, dense) -> { });
    }

    /** Measures all samples. */
    public Quality quality(LogitsSource source, Listener listener) {
        long start = System.nanoTime();
        QualityMeter meter = new QualityMeter();
        scores(source, listener).forEach(meter::add);
        return meter.quality((System.nanoTime() - start) / 1e9);
    }

    /** Scores of all samples, in their order: to compare two sources pair by pair. */
    public List<ConversationScore> scores(LogitsSource source, Listener listener) {
        ConversationScore[] scores = new ConversationScore[samples.size()];
        for (int[] batch : batches) {
            List<float[]> logits = source.answerLogits(Arrays.stream(batch).mapToObj(samples::get).toList());
            for (int b = 0; b < batch.length; b++) {
                Sample sample = samples.get(batch[b]);
                float[] dense = reference.logits(batch[b]);
                scores[batch[b]] = ConversationScore.of(logits.get(b), dense, source.vocabulary(), sample.answerTokens(), sample.answerTurns(), sample.tags());
                listener.measured(batch[b], logits.get(b), dense);
            }
        }
        return List.of(scores);
    }
}
