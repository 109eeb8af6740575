package dev.kogata.evaluator;

import dev.kogata.core.quality.ConversationScore;
import dev.kogata.core.quality.Quality;
import dev.kogata.core.quality.QualityMeter;
import dev.kogata.kit.worker.TaskContext;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.prompt.PromptEncoder;
import dev.kogata.onnx.score.Batching;
import dev.kogata.onnx.score.ChangedAnswers;
import dev.kogata.onnx.score.Scorer;
import dev.kogata.onnx.score.StockDecoder;
import java.nio.file.Path;
import java.util.List;

/** A written bundle in stock ONNX Runtime, given the embeddings that the original's parts made. */
final class DeliveredBundle {
    private static final int CHANGED_SHOWN = 20;

    private final TaskContext context;
    private final Bundle original;
    private final Path result;
    private final int threads;

    /** @param result folder with {@code bundle/} in it */
    DeliveredBundle(TaskContext context, Bundle original, Path result, int threads) {
        this.context = context;
        this.original = original;
        this.result = result;
        this.threads = threads;
    }

    /** What was measured on one set, conversations in its order. */
    record Measured(Quality quality, List<ConversationScore> conversations, List<ChangedAnswers.ChangedAnswer> changed) {}

    Measured measure(SampleSets.Prepared set) throws Exception {
        // Names and head size come from the original: a packed cache has no plain shape any more to be found by.
        Path decoder = result.resolve("bundle").resolve(original.decoder().orElseThrow().name());
        int headSize = original.cacheLayers().stream().mapToInt(l -> l.headSize()).findFirst().orElse(0);
        try (StockDecoder delivered = StockDecoder.open(decoder, 1, headSize);
                PromptEncoder prompts = PromptEncoder.open(original.root())) {
            ChangedAnswers changed = new ChangedAnswers(set.samples(), delivered.vocabulary(), prompts.tokenizer());
            long start = System.nanoTime();
            List<ConversationScore> scores = new Scorer(set.samples(), set.reference(), Batching.DEFAULT, threads).scores(delivered, (sample, logits, dense) -> {
                context.throwIfStopped();
                changed.measured(sample, logits, dense);
            });
            QualityMeter meter = new QualityMeter();
            for (int i = 0; i < scores.size(); i++) {
                meter.add(scores.get(i), set.samples().get(i).hasImage());
            }
            return new Measured(meter.quality((System.nanoTime() - start) / 1e9), scores, changed.first(CHANGED_SHOWN));
        }
    }
}
