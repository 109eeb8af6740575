package dev.kogata.evaluator;

import dev.kogata.core.quality.ConversationScore;
import dev.kogata.core.quality.FeatureQuality;
import dev.kogata.core.quality.Quality;
import dev.kogata.core.quality.QualityMeter;
import dev.kogata.kit.worker.TaskContext;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.bundle.Component;
import dev.kogata.onnx.prompt.PromptEncoder;
import dev.kogata.onnx.sample.ProjectedFeatures;
import dev.kogata.onnx.score.Batching;
import dev.kogata.onnx.score.ChangedAnswers;
import dev.kogata.onnx.score.FeatureScorer;
import dev.kogata.onnx.score.LogitsSource;
import dev.kogata.onnx.score.Scorer;
import dev.kogata.onnx.score.SeeingDecoder;
import dev.kogata.onnx.score.StockDecoder;
import dev.kogata.onnx.score.StockEncoder;
import java.nio.file.Path;
import java.util.List;

/** A written bundle in stock ONNX Runtime, given the embeddings that the original's parts made; where its encoder was compressed too, what that one sees. */
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

    /** Of a vision encoder alone. */
    FeatureQuality features(SampleSets.Prepared set) throws Exception {
        Path file = result.resolve("bundle").resolve(original.model(Component.Kind.VISION_ENCODER).orElseThrow().name());
        try (StockEncoder delivered = StockEncoder.open(file, 1)) {
            return new FeatureScorer(set.samples(), set.reference(), threads).quality(delivered, context::throwIfStopped, Double.POSITIVE_INFINITY);
        }
    }

    Measured measure(SampleSets.Prepared set) throws Exception {
        // Names and head size come from the original: a packed cache has no plain shape any more to be found by.
        Path decoder = result.resolve("bundle").resolve(original.decoder().orElseThrow().name());
        int headSize = original.cacheLayers().stream().mapToInt(l -> l.headSize()).findFirst().orElse(0);
        try (StockDecoder delivered = StockDecoder.open(decoder, 1, headSize);
                PromptEncoder prompts = PromptEncoder.open(original.root())) {
            return measure(set, delivered, prompts);
        }
    }

    private Measured measure(SampleSets.Prepared set, StockDecoder decoder, PromptEncoder prompts) throws Exception {
        if (set.samples().stream().allMatch(sample -> sample.images().isEmpty())) {
            return measure(set, (LogitsSource) decoder, prompts);
        }
        // The encoder was compressed too: what the decoder is shown comes from the delivered one.
        try (StockEncoder encoder = StockEncoder.open(result.resolve("bundle").resolve(original.model(Component.Kind.VISION_ENCODER).orElseThrow().name()), 1);
                ProjectedFeatures projected = ProjectedFeatures.open(original, 1)) {
            return measure(set, new SeeingDecoder(decoder, projected.of(encoder)), prompts);
        }
    }

    private Measured measure(SampleSets.Prepared set, LogitsSource delivered, PromptEncoder prompts) {
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
