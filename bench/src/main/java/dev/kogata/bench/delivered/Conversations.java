package dev.kogata.bench.delivered;

import dev.kogata.core.quality.Quality;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.dataset.Conversation;
import dev.kogata.onnx.dataset.Dataset;
import dev.kogata.onnx.dataset.DatasetLimits;
import dev.kogata.onnx.sample.Sample;
import dev.kogata.onnx.sample.SampleMaker;
import dev.kogata.onnx.score.Batching;
import dev.kogata.onnx.score.LogitsSource;
import dev.kogata.onnx.score.Reference;
import dev.kogata.onnx.score.Scorer;
import dev.kogata.onnx.score.StockDecoder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Conversations as samples, and the dense model's logits on them, made once for all seeds and budgets. */
final class Conversations {
    private final Map<Conversation, Sample> samples = new HashMap<>();
    private final Map<Conversation, float[]> dense = new HashMap<>();

    /** Reads a file of conversations, at most the first {@code most}; 0 for all. */
    static Dataset read(Path file, int most) throws Exception {
        Dataset all = Dataset.read(file.toAbsolutePath().getParent(), file.toAbsolutePath(), DatasetLimits.DEFAULT);
        return most == 0 ? all : all.first(most);
    }

    /** Adds all conversations of a dataset. */
    void add(Bundle bundle, Dataset dataset, int threads) throws Exception {
        int headSize = bundle.cacheLayers().stream().mapToInt(l -> l.headSize()).findFirst().orElse(0);
        try (SampleMaker maker = SampleMaker.open(bundle, threads);
                StockDecoder decoder = StockDecoder.open(bundle.decoder().orElseThrow().path(), threads, headSize)) {
            List<Conversation> conversations = dataset.conversations();
            List<Sample> made = new ArrayList<>();
            for (Conversation conversation : conversations) {
                made.add(maker.make(dataset, conversation));
            }
            for (int[] batch : Batching.DEFAULT.batches(made)) {
                List<float[]> logits = decoder.answerLogits(Arrays.stream(batch).mapToObj(made::get).toList());
                for (int b = 0; b < batch.length; b++) {
                    samples.put(conversations.get(batch[b]), made.get(batch[b]));
                    dense.put(conversations.get(batch[b]), logits.get(b));
                }
            }
        }
    }

    List<Sample> samples(List<Conversation> conversations) {
        return conversations.stream().map(samples::get).toList();
    }

    /** Quality of a decoder on some of them. */
    Quality quality(LogitsSource decoder, List<Conversation> conversations, int threads) {
        return scorer(conversations, threads).quality(decoder);
    }

    /** Divergence of a decoder on some of them, or, as soon as it is known to be above a limit, a lower bound of it. */
    double divergence(LogitsSource decoder, List<Conversation> conversations, double limit, int threads) {
        long tokens = samples(conversations).stream().mapToLong(sample -> sample.answerPositions().length).sum();
        double[] sum = {0};
        scorer(conversations, threads).scores(decoder, (sample, logits, reference) -> { }, score -> {
            sum[0] += score.kl();
            return sum[0] / tokens > limit;
        });
        return sum[0] / tokens;
    }

    private Scorer scorer(List<Conversation> conversations, int threads) {
        Reference reference = i -> dense.get(conversations.get(i));
        return new Scorer(samples(conversations), reference, Batching.DEFAULT, threads);
    }
}
