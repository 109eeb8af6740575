package dev.kogata.onnx.score;

import dev.kogata.core.quality.ConversationScore;
import dev.kogata.core.quality.Quality;
import dev.kogata.core.quality.QualityMeter;
import dev.kogata.onnx.sample.Sample;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Measures a source of logits on one set of samples, against the dense model's logits. The same source gives the same
 * quality, bit for bit. Safe for use by several threads where the reference is.
 */
public final class Scorer {
    private final List<Sample> samples;
    private final Reference reference;
    private final List<int[]> batches;
    private final int parallel;

    /** Told of every sample once it is measured, in the calling thread, always in the same order; whatever it throws ends the measurement. */
    @FunctionalInterface
    public interface Listener {

        /**
         * @param sample its index
         * @param logits (answers, vocabulary) of the source
         * @param dense (answers, vocabulary) of the dense model
         */
        void measured(int sample, float[] logits, float[] dense);
    }

    /**
     * @param parallel batches run at the same time, each in a thread of its own; the source must allow that where it is more
     *     than 1. Small models gain most from as many as there are cores, with sessions of one thread each
     */
    public Scorer(List<Sample> samples, Reference reference, Batching batching, int parallel) {
        this.samples = List.copyOf(samples);
        this.reference = reference;
        this.batches = batching.batches(samples);
        this.parallel = parallel;
    }

    /** Measures all samples. */
    public Quality quality(LogitsSource source) {
        return quality(source, (sample, logits, dense) -> { });
    }

    /** Measures all samples. */
    public Quality quality(LogitsSource source, Listener listener) {
        long start = System.nanoTime();
        QualityMeter meter = new QualityMeter();
        List<ConversationScore> scores = scores(source, listener);
        for (int i = 0; i < scores.size(); i++) {
            meter.add(scores.get(i), samples.get(i).hasImage());
        }
        return meter.quality((System.nanoTime() - start) / 1e9);
    }

    /** Decides after every sample, always in the same order, whether what was measured is enough. */
    @FunctionalInterface
    public interface Enough {

        /** @param score of the sample measured last */
        boolean after(ConversationScore score);
    }

    /**
     * Scores of all samples, in their order: to compare two sources pair by pair.
     *
     * @throws CancellationException where this thread is interrupted
     */
    public List<ConversationScore> scores(LogitsSource source, Listener listener) {
        return scores(source, listener, score -> false);
    }

    /**
     * Scores of the samples measured until they were enough, in the order of the samples; of all where they never were.
     *
     * @throws CancellationException where this thread is interrupted
     */
    public List<ConversationScore> scores(LogitsSource source, Listener listener, Enough enough) {
        ConversationScore[] scores = new ConversationScore[samples.size()];
        ExecutorService threads = Executors.newFixedThreadPool(parallel, task -> new Thread(task, "scorer"));
        try {
            List<Future<List<Measured>>> running = batches.stream().map(batch -> threads.submit(() -> measure(source, batch))).toList();
            for (Future<List<Measured>> batch : running) {
                for (Measured measured : batch.get()) {
                    scores[measured.sample] = measured.score;
                    listener.measured(measured.sample, measured.logits, measured.dense);
                    if (enough.after(measured.score)) {
                        return Arrays.stream(scores).filter(Objects::nonNull).toList();
                    }
                }
            }
            return List.of(scores);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("the measurement was interrupted");
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        } finally {
            threads.shutdownNow();
            finish(threads);
        }
    }

    private List<Measured> measure(LogitsSource source, int[] batch) {
        List<float[]> logits = source.answerLogits(Arrays.stream(batch).mapToObj(samples::get).toList());
        List<Measured> measured = new ArrayList<>();
        for (int b = 0; b < batch.length; b++) {
            Sample sample = samples.get(batch[b]);
            float[] dense = reference.of(batch[b]);
            measured.add(new Measured(batch[b], logits.get(b), dense,
                    ConversationScore.of(logits.get(b), dense, source.vocabulary(), sample.answerTokens(), sample.answerTurns(), sample.tags())));
        }
        return measured;
    }

    /** Waits for passes that are under way: the caller may close the source as soon as this object is done. */
    static void finish(ExecutorService threads) {
        boolean interrupted = false;
        while (!threads.isTerminated()) {
            try {
                threads.awaitTermination(1, TimeUnit.MINUTES);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private record Measured(int sample, float[] logits, float[] dense, ConversationScore score) {
    }
}
