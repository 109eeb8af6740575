package dev.kogata.onnx.score;

import dev.kogata.core.quality.ConversationScore;
import dev.kogata.core.quality.Quality;
import dev.kogata.core.quality.QualityMeter;
import dev.kogata.onnx.safetensors.Safetensors;
import dev.kogata.onnx.safetensors.SafetensorsWriter;
import dev.kogata.onnx.safetensors.TensorEntry;
import dev.kogata.onnx.safetensors.TensorType;
import dev.kogata.onnx.sample.Sample;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * The dense model's logits at all answer positions of a set, as a safetensors file: {@code logits} float32
 * (answers, vocabulary) in the order in which they were made, and {@code first_row} (samples), where each sample's begin.
 * Mapped: what is asked for is read. Safe for use by several threads.
 */
public final class ReferenceFile implements Reference {
    private final List<FloatBuffer> logits;
    private final int vocabulary;

    private ReferenceFile(List<FloatBuffer> logits, int vocabulary) {
        this.logits = logits;
        this.vocabulary = vocabulary;
    }

    /** Opens the reference of these samples. */
    public static ReferenceFile open(Path path, List<Sample> samples) throws IOException {
        try (Safetensors file = Safetensors.open(path)) {
            long[] firstRow = file.longs("first_row"), shape = file.tensor("logits", TensorType.F32, 2).shape();
            long rows = samples.stream().mapToLong(sample -> sample.answerPositions().length).sum();
            if (firstRow.length != samples.size() || shape[0] != rows) {
                throw new IllegalArgumentException("reference logits of %d samples with %d answers, for %d samples with %d"
                        .formatted(firstRow.length, shape[0], samples.size(), rows));
            }
            // All mapped now: a mapping outlives the file's channel, which an interrupted thread would close under the others.
            List<FloatBuffer> logits = new ArrayList<>();
            for (int i = 0; i < firstRow.length; i++) {
                logits.add(file.floats("logits", firstRow[i] * shape[1], samples.get(i).answerPositions().length * shape[1]));
            }
            return new ReferenceFile(logits, (int) shape[1]);
        }
    }

    /**
     * Runs the dense model and writes its logits as they come.
     *
     * @param done told the number of samples done, after each batch; whatever it throws ends the work
     * @return the dense model's own quality; its kl is 0
     */
    public static Quality write(Path path, List<Sample> samples, LogitsSource dense, Batching batching, IntConsumer done) throws IOException {
        long start = System.nanoTime();
        List<int[]> batches = batching.batches(samples);
        long[] firstRow = new long[samples.size()];
        long rows = 0;
        for (int[] batch : batches) {
            for (int sample : batch) {
                firstRow[sample] = rows;
                rows += samples.get(sample).answerPositions().length;
            }
        }
        ConversationScore[] scores = new ConversationScore[samples.size()];
        List<TensorEntry> entries = List.of(new TensorEntry("first_row", TensorType.I64, firstRow.length), new TensorEntry("logits", TensorType.F32, rows, dense.vocabulary()));
        try (SafetensorsWriter writer = SafetensorsWriter.create(path, entries, Map.of("format", "kogata reference logits 1"))) {
            writer.append(firstRow);
            int count = 0;
            for (int[] batch : batches) {
                List<float[]> logits = dense.answerLogits(Arrays.stream(batch).mapToObj(samples::get).toList());
                for (int b = 0; b < batch.length; b++) {
                    Sample sample = samples.get(batch[b]);
                    writer.append(FloatBuffer.wrap(logits.get(b)));
                    scores[batch[b]] = ConversationScore.of(logits.get(b), logits.get(b), dense.vocabulary(), sample.answerTokens(), sample.answerTurns(), sample.tags());
                }
                count += batch.length;
                done.accept(count);
            }
            writer.finish();
        }
        QualityMeter meter = new QualityMeter();
        for (int i = 0; i < scores.length; i++) {
            meter.add(scores[i], samples.get(i).hasImage());
        }
        return meter.quality((System.nanoTime() - start) / 1e9);
    }

    /** Number of tokens that the logits tell apart. */
    public int vocabulary() {
        return vocabulary;
    }

    @Override
    public float[] of(int sample) {
        FloatBuffer mapped = logits.get(sample);
        float[] copy = new float[mapped.capacity()];
        mapped.get(0, copy);
        return copy;
    }
}
