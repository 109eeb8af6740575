package dev.kogata.onnx.elastic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.kogata.core.cache.StaticScale;
import dev.kogata.core.quality.Quality;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.bundle.CacheLayer;
import dev.kogata.onnx.graph.NativeScales;
import dev.kogata.onnx.graph.RotaryPairs;
import dev.kogata.onnx.sample.Sample;
import dev.kogata.onnx.score.Batching;
import dev.kogata.onnx.score.LogitsSource;
import dev.kogata.onnx.score.Scorer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CacheStatisticsTest {
    private static final long IMAGE = 7;

    private final List<Sample> samples = withImages(RandomSamples.of(5, 64, 19, 26, 9));
    @TempDir
    Path folder;

    /** The second quarter of every sample's tokens stands for a picture. */
    private static List<Sample> withImages(List<Sample> samples) {
        samples.forEach(s -> Arrays.fill(s.tokens(), s.length() / 4, s.length() / 2, IMAGE));
        return samples;
    }

    @ParameterizedTest
    @ValueSource(strings = {"optimum", "dynamo", "attention", "genai", "merged_if", "float16"})
    void rangesAreThoseOfTextAndOfImageTokensPaddingLeftOut(String layout) throws Exception {
        Bundle bundle = bundle(layout);
        ElasticModel model = ElasticGraph.of(bundle).cacheStatistics().write(folder);
        try (ElasticSession session = ElasticSession.open(model, 1)) {
            CacheStatistics together = measure(model, session, samples, new Batching(3, 4096));
            CacheStatistics apart = measure(model, session, samples, new Batching(1, 4096));
            CacheStatistics textOnly = measure(model, session, samples, new Batching(3, 4096), token -> false);
            for (CacheLayer layer : bundle.cacheLayers()) {
                int number = layer.layer();
                assertThat(together.pairs(number)).isEqualTo(RotaryPairs.HALVES);
                for (boolean key : new boolean[] {true, false}) {
                    for (boolean image : new boolean[] {true, false}) {
                        assertThat(together.maximum(number, key, image)).hasSize(32).containsExactly(apart.maximum(number, key, image), within(layout.equals("float16") ? 1e-2f : 1e-5f));
                    }
                    assertThat(together.maximum(number, key, true)).isNotEqualTo(together.maximum(number, key, false));
                    assertThat(together.maximum(number, key)).isEqualTo(textOnly.maximum(number, key));
                    assertThat(textOnly.maximum(number, key, true)).containsOnly(0f);
                }
                // The longest is known, and every token was sampled: the least square error clips, the largest magnitude never is.
                assertThat(together.longest()).isEqualTo(26);
                float[] largest = together.scales(layer, true, StaticScale.MIN_MAX, 8, false);
                float[] longer = together.scales(layer, true, StaticScale.MIN_MAX, 8, true);
                for (int c = 0; c < largest.length; c++) {
                    assertThat(largest[c] * 127).isCloseTo(together.maximum(number, true)[c], within(1e-4f));
                    assertThat(longer[c]).isGreaterThanOrEqualTo(largest[c]);
                    assertThat(longer[c]).as("a pair has one envelope").isEqualTo(longer[c % 16 < 8 ? c + 8 : c - 8]);
                }
                assertThat(together.scales(layer, false, StaticScale.MIN_MAX, 8, true)).as("values are not turned").isEqualTo(together.scales(layer, false, StaticScale.MIN_MAX, 8, false));
            }
        }
    }

    @Test
    void thresholdsAreChosenByWhatTheyCostAndWidthsOfSingleCachesAreMeasured() throws Exception {
        Bundle bundle = bundle("optimum");
        Map<Integer, List<NativeScales>> candidates;
        ElasticModel measuring = ElasticGraph.of(bundle).cacheStatistics().write(folder);
        try (ElasticSession session = ElasticSession.open(measuring, 1)) {
            candidates = CacheTrials.candidates(measure(measuring, session, samples, Batching.DEFAULT), bundle.cacheLayers(), false);
        }
        assertThat(candidates.get(1)).extracting(NativeScales::bits).containsExactly(8, 8, 8, 4, 4, 4);
        Map<Integer, List<NativeScales>> chosen;
        ElasticModel comparing = ElasticGraph.of(bundle).cacheWidths(Map.of()).nativeCaches(candidates).answerLogits().write(Files.createDirectory(folder.resolve("thresholds")));
        try (ElasticSession session = ElasticSession.open(comparing, 1)) {
            CacheTrials trials = new CacheTrials(comparing, session, scorer(session, comparing), (sample, logits, dense) -> { });
            List<CacheTrials.Choice> choices = trials.thresholds();
            assertThat(choices).hasSize(2 * 2 * 3);
            for (int first = 0; first < choices.size(); first += 3) {
                List<CacheTrials.Choice> same = choices.subList(first, first + 3);
                double best = same.stream().mapToDouble(CacheTrials.Choice::kl).min().orElseThrow();
                assertThat(best).isPositive();
                assertThat(same).filteredOn(CacheTrials.Choice::chosen).singleElement().satisfies(c -> assertThat(c.kl()).isEqualTo(best));
            }
            chosen = CacheTrials.chosen(candidates, choices);
            assertThat(chosen.get(0)).extracting(NativeScales::bits).containsExactly(8, 4);
        }
        ElasticModel model = ElasticGraph.of(bundle).cacheWidths(Map.of()).nativeCaches(chosen).answerLogits().write(Files.createDirectory(folder.resolve("widths")));
        try (ElasticSession session = ElasticSession.open(model, 1)) {
            CacheTrials trials = new CacheTrials(model, session, scorer(session, model), (sample, logits, dense) -> { });
            for (boolean key : new boolean[] {true, false}) {
                List<Double> portable = new ArrayList<>();
                for (int bits : new int[] {8, 6, 4, 3, 2}) {
                    portable.add(trials.portable(1, key, bits).kl());
                }
                assertThat(portable).isSorted().allMatch(kl -> kl > 0);
                Quality eight = trials.nativeSide(1, key, 8), four = trials.nativeSide(1, key, 4);
                assertThat(eight.kl()).isPositive().isLessThan(four.kl());
            }
        }
    }

    /** Against the model's own answers with caches as they are. */
    private Scorer scorer(ElasticSession session, ElasticModel model) {
        long[] none = new long[model.cacheLayers().size()];
        LogitsSource dense = session.planned(new dev.kogata.core.budget.ElasticPlan(model.weights().stream().map(w -> dev.kogata.core.budget.WeightStep.DENSE).toList(),
                List.of(0, 0), List.of(0, 0)), none, none);
        List<float[]> answers = dense.answerLogits(samples);
        return new Scorer(samples, answers::get, Batching.DEFAULT, 1);
    }

    private static CacheStatistics measure(ElasticModel model, ElasticSession session, List<Sample> samples, Batching batching) throws Exception {
        return measure(model, session, samples, batching, token -> token == IMAGE);
    }

    private static CacheStatistics measure(ElasticModel model, ElasticSession session, List<Sample> samples, Batching batching, java.util.function.LongPredicate image) throws Exception {
        CacheStatistics measured = new CacheStatistics(model, session, image, new SplittableRandom(1));
        measured.addAll(samples, batching, done -> { });
        return measured;
    }

    private static Bundle bundle(String layout) {
        return Bundle.open(Path.of("src/test/resources/models/nano-" + layout));
    }
}
