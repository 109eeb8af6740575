package dev.kogata.onnx.score;

import dev.kogata.core.quality.FeatureError;
import dev.kogata.core.quality.FeatureQuality;
import dev.kogata.onnx.sample.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/** Measures an encoder on samples of one picture each, against the dense encoder's features. The same encoder gives the same quality, bit for bit. Immutable. */
public final class FeatureScorer {
    private final List<Sample> samples;
    private final Reference reference;
    private final int parallel;

    /** @param parallel pictures run at the same time, each in a thread of its own; the encoder must allow that where it is more than 1 */
    public FeatureScorer(List<Sample> samples, Reference reference, int parallel) {
        this.samples = List.copyOf(samples);
        this.reference = reference;
        this.parallel = parallel;
    }

    /** Measures all pictures. */
    public FeatureQuality quality(FeatureSource source) {
        return quality(source, () -> { }, Double.POSITIVE_INFINITY);
    }

    /**
     * Measures pictures in order until those measured show that the mean error of all is above a limit: no picture's error is negative, so
     * their sum by the number of all pictures is a lower bound.
     *
     * @param check run after every picture in the calling thread; what it throws ends the measurement
     * @param limit infinite to measure all
     * @return of the pictures measured
     * @throws CancellationException where this thread is interrupted
     */
    public FeatureQuality quality(FeatureSource source, Runnable check, double limit) {
        long start = System.nanoTime();
        ExecutorService threads = Executors.newFixedThreadPool(parallel, task -> new Thread(task, "feature-scorer"));
        try {
            List<Future<Double>> running = IntStream.range(0, samples.size())
                    .mapToObj(i -> threads.submit(() -> FeatureError.of(source.features(samples.get(i).images().get(0)), reference.of(i)))).toList();
            List<Double> errors = new ArrayList<>();
            double sum = 0;
            for (int i = 0; i < running.size() && sum / samples.size() <= limit; i++) {
                errors.add(running.get(i).get());
                sum += errors.get(i);
                check.run();
            }
            return FeatureQuality.of(errors, (System.nanoTime() - start) / 1e9);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("the measurement was interrupted");
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        } finally {
            threads.shutdownNow();
            Scorer.finish(threads);
        }
    }
}
