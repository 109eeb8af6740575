package dev.kogata.onnx.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.kogata.core.budget.ElasticPlan;
import dev.kogata.core.budget.WeightStep;
import dev.kogata.core.prune.LevelMap;
import dev.kogata.core.prune.Matrix;
import dev.kogata.core.prune.PruningMethod;
import dev.kogata.onnx.DemoFolder;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.bundle.Component;
import dev.kogata.onnx.bundle.Component.Kind;
import dev.kogata.onnx.bundle.WeightMatrix;
import dev.kogata.onnx.dataset.Conversation;
import dev.kogata.onnx.dataset.Dataset;
import dev.kogata.onnx.dataset.DatasetLimits;
import dev.kogata.onnx.deliver.BundleWriter;
import dev.kogata.onnx.elastic.ElasticEncoder;
import dev.kogata.onnx.elastic.ElasticGraph;
import dev.kogata.onnx.sample.ProjectedFeatures;
import dev.kogata.onnx.sample.Sample;
import dev.kogata.onnx.sample.SampleMaker;
import dev.kogata.onnx.sample.SampleSetFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A vision encoder that is compressed with its decoder: it is found when asked for, and trials show the decoder what is delivered. */
class SeeingDecoderTest {
    private static final Path MODELS = Path.of("src/test/resources/models");

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"nano-optimum", "nano-dynamo", "nano-genai", "nano-float16"})
    void partsAreWeightsWhenAskedForAndCountOnce(String model) {
        Bundle plain = Bundle.open(MODELS.resolve(model));
        Bundle both = plain.including(List.of(Kind.VISION_ENCODER, Kind.PROJECTOR));
        assertThat(plain.sees()).isFalse();
        assertThat(plain.weights()).extracting(WeightMatrix::part).containsOnly(Kind.DECODER);
        assertThat(both.weights().subList(0, plain.weights().size())).isEqualTo(plain.weights());
        assertThat(both.weights()).filteredOn(w -> w.part() == Kind.VISION_ENCODER).hasSize(6).extracting(WeightMatrix::layer).as("behind the decoder's blocks").containsOnly(2);
        assertThat(both.weights()).filteredOn(w -> w.part() == Kind.PROJECTOR).hasSize(2).extracting(WeightMatrix::layer).containsOnly(3);
        assertThat(both.untouchedBytes() + both.weights().stream().mapToLong(WeightMatrix::bytes).sum()).isEqualTo(both.components().stream().mapToLong(Component::tensorBytes).sum());
        assertThat(plain.covering(List.of(both.weights().get(both.weights().size() - 1).id(), "another")).weights()).extracting(WeightMatrix::part).contains(Kind.PROJECTOR).doesNotContain(Kind.VISION_ENCODER);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nano-optimum", "nano-genai"})
    void aTrialShowsTheDecoderWhatTheDeliveredEncoderDoes(String model) throws Exception {
        Bundle bundle = Bundle.open(MODELS.resolve(model)).including(List.of(Kind.VISION_ENCODER, Kind.PROJECTOR));
        List<Sample> samples = samples(bundle);
        Map<String, ByteBuffer> levels = new HashMap<>();
        Map<String, Matrix> pruned = new HashMap<>();
        for (WeightMatrix weight : bundle.weights()) {
            if (weight.part() != Kind.DECODER) {
                Matrix values = bundle.read(weight);
                byte[] own = LevelMap.levels(values, PruningMethod.MAGNITUDE.scores(weight.id(), values, new float[weight.inputs()]));
                levels.put(weight.id(), ByteBuffer.wrap(weight.asStored(own)));
                pruned.put(weight.id(), LevelMap.apply(values, own, 128, 0));
            }
        }
        new BundleWriter(bundle).write(folder.resolve("out"), w -> Optional.ofNullable(pruned.get(w.id())).map(values -> bundle.encode(w, values)), List.of());
        Bundle delivered = Bundle.open(folder.resolve("out"));
        try (StockDecoder decoder = StockDecoder.open(bundle.decoder().orElseThrow().path(), 1, 16); ProjectedFeatures projected = ProjectedFeatures.open(bundle, 1);
                ElasticEncoder elastic = ElasticEncoder.open(ElasticGraph.of(bundle, bundle.model(Kind.VISION_ENCODER).orElseThrow()).levels(levels).features()
                        .write(Files.createDirectory(folder.resolve("graph"))), 1);
                StockEncoder stock = StockEncoder.open(delivered.model(Kind.VISION_ENCODER).orElseThrow().path(), 1)) {
            List<float[]> fixed = decoder.answerLogits(samples);
            List<float[]> dense = new SeeingDecoder(decoder, projected.of(elastic.with(plan(bundle, 0)))).answerLogits(samples);
            List<float[]> trial = new SeeingDecoder(decoder, projected.of(elastic.with(plan(bundle, 128)))).answerLogits(samples);
            List<float[]> shown = new SeeingDecoder(decoder, projected.of(stock)).answerLogits(samples);
            for (int s = 0; s < samples.size(); s++) {
                assertThat(dense.get(s)).as("nothing pruned: the features that were computed once").containsExactly(fixed.get(s), within(1e-4f));
                assertThat(trial.get(s)).containsExactly(shown.get(s), within(1e-4f));
            }
            assertThat(trial.get(0)).as("it is another encoder").isNotEqualTo(fixed.get(0));
        }
    }

    /** Two conversations with a picture, written and read again. */
    private List<Sample> samples(Bundle bundle) throws Exception {
        Dataset dataset = Dataset.read(DemoFolder.DATA, DemoFolder.CALIBRATION, DatasetLimits.DEFAULT);
        List<Sample> samples = new ArrayList<>();
        try (SampleMaker maker = SampleMaker.open(bundle, 1)) {
            for (Conversation conversation : dataset.conversations().stream().filter(c -> !c.pictures().isEmpty()).limit(2).toList()) {
                samples.add(maker.make(dataset, conversation));
            }
        }
        Path file = folder.resolve("samples");
        SampleSetFile.write(file, samples);
        List<Sample> read = SampleSetFile.read(file);
        assertThat(read.get(1).imageRows()).isEqualTo(samples.get(1).imageRows()).isNotEmpty();
        assertThat(read.get(1).images()).isEqualTo(samples.get(1).images());
        return read;
    }

    /** Everything but the decoder at a step. */
    private static ElasticPlan plan(Bundle bundle, int step) {
        List<Integer> asIs = bundle.cacheLayers().stream().map(l -> 0).toList();
        return new ElasticPlan(bundle.weights().stream().map(w -> w.part() == Kind.DECODER ? WeightStep.DENSE : new WeightStep(step, 0)).toList(), asIs, asIs);
    }
}
