package dev.kogata.onnx.elastic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.kogata.core.budget.ElasticPlan;
import dev.kogata.core.budget.VersionGrid;
import dev.kogata.core.budget.WeightStep;
import dev.kogata.core.prune.LevelMap;
import dev.kogata.core.prune.Matrix;
import dev.kogata.core.prune.PlainAlgebra;
import dev.kogata.core.prune.PruningMethod;
import dev.kogata.core.quality.FeatureQuality;
import dev.kogata.onnx.EncoderBundle;
import dev.kogata.onnx.bundle.BankFile;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.bundle.Component.Kind;
import dev.kogata.onnx.bundle.ModelFile;
import dev.kogata.onnx.bundle.WeightMatrix;
import dev.kogata.onnx.deliver.BundleWriter;
import dev.kogata.onnx.sample.Sample;
import dev.kogata.onnx.sample.SampleSetFile;
import dev.kogata.onnx.score.FeatureFile;
import dev.kogata.onnx.score.FeatureScorer;
import dev.kogata.onnx.score.FeatureSource;
import dev.kogata.onnx.score.StockEncoder;
import dev.kogata.onnx.solve.RankedWeights;
import dev.kogata.onnx.solve.RepairedBank;
import dev.kogata.onnx.solve.RepairedWeights;
import dev.kogata.onnx.solve.RowZeros;
import dev.kogata.onnx.solve.SequentialPass;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A vision encoder alone, as each exporter writes it: what a trial measures is what is delivered. */
class ElasticEncoderTest {
    private static final VersionGrid GRID = new VersionGrid(List.of(0, 100, 170, 230));

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"nano-optimum", "nano-dynamo", "nano-attention", "nano-genai", "nano-merged_if", "nano-float16"})
    void itsBlocksAreFoundAndTheProjectorBehindThemIsLeftAlone(String model) throws IOException {
        Bundle bundle = EncoderBundle.of(model, folder.resolve("encoder"));
        assertThat(bundle.layout()).isEqualTo("encoder-only");
        assertThat(bundle.cacheLayers()).isEmpty();
        // LLaVA takes the features before the last block, so of two blocks one is exported.
        assertThat(bundle.weights()).hasSize(6).extracting(WeightMatrix::layer).containsOnly(0);
        assertThat(bundle.weights()).allSatisfy(w -> {
            assertThat(w.part()).isEqualTo(Kind.VISION_ENCODER);
            assertThat(bundle.inputName(w)).isPresent();
            assertThat(bundle.encode(w, bundle.read(w))).isEqualTo(bundle.stored(w));
        });
        assertThat(bundle.untouchedBytes() + bundle.weights().stream().mapToLong(WeightMatrix::bytes).sum())
                .as("every tensor counts once").isEqualTo(bundle.components().get(0).tensorBytes());
        assertThat(bundle.remarks()).anyMatch(r -> r.contains("nothing to say about caches"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"nano-optimum", "nano-dynamo", "nano-genai", "nano-float16"})
    void theErrorOfATrialIsThatOfWhatIsDelivered(String model) throws Exception {
        Bundle bundle = EncoderBundle.of(model, folder.resolve("encoder"));
        List<Sample> samples = written(EncoderBundle.pictures(bundle, 5));
        Path reference = reference(bundle, samples);
        Path file = folder.resolve("bank");
        new RepairedBank(bundle, samples, GRID, new PlainAlgebra(), 2, folder, (share, doing) -> { }).write(file, 1 << 30, Map.of());
        ElasticPlan plan = steps(bundle, w -> new WeightStep(w % 3, 7 * w % bundle.weights().get(w).outputs()));
        FeatureScorer scorer = new FeatureScorer(samples, FeatureFile.open(reference), 2);
        try (BankFile bank = BankFile.open(file);
                ElasticEncoder elastic = ElasticEncoder.open(ElasticGraph.of(bundle, encoder(bundle)).bank(file).features().write(Files.createDirectory(folder.resolve("graph"))), 1)) {
            FeatureQuality dense = scorer.quality(elastic.with(steps(bundle, w -> WeightStep.DENSE)));
            FeatureQuality searched = scorer.quality(elastic.with(plan));
            Path out = folder.resolve("out");
            new BundleWriter(bundle).write(out, w -> Optional.of(rows(bundle, bank, w, plan)), List.of());
            try (StockEncoder delivered = StockEncoder.open(out.resolve(encoder(bundle).name()), 1)) {
                assertThat(dense.error()).isLessThan(1e-9);
                assertThat(searched.error()).isBetween(1e-4, 1.0);
                assertThat(scorer.quality(delivered).error()).isCloseTo(searched.error(), within(1e-3 * searched.error()));
            }
            assertThat(Bundle.open(out).untouchedBytes()).isEqualTo(bundle.untouchedBytes());
        }
    }

    @Test
    void levelMapsAreTheModelWithTheElementsThatTheyLeave() throws Exception {
        Bundle bundle = EncoderBundle.of("nano-optimum", folder.resolve("encoder"));
        List<Sample> samples = EncoderBundle.pictures(bundle, 3);
        Map<String, ByteBuffer> levels = new HashMap<>();
        Map<String, Matrix> left = new HashMap<>();
        for (WeightMatrix weight : bundle.weights()) {
            Matrix values = bundle.read(weight);
            byte[] own = LevelMap.levels(values, PruningMethod.MAGNITUDE.scores(weight.id(), values, new float[weight.inputs()]));
            levels.put(weight.id(), ByteBuffer.wrap(weight.asStored(own)));
            left.put(weight.id(), LevelMap.apply(values, own, 120, 5));
        }
        try (ElasticEncoder elastic = open(ElasticGraph.of(bundle, encoder(bundle)).levels(levels), "levels");
                ElasticEncoder replaced = open(ElasticGraph.of(bundle, encoder(bundle)).replaced(left), "replaced")) {
            FeatureSource pruned = elastic.with(steps(bundle, w -> new WeightStep(120, 5))), expected = replaced.with(steps(bundle, w -> WeightStep.DENSE));
            for (Sample sample : samples) {
                assertThat(pruned.features(sample.images().get(0))).containsExactly(expected.features(sample.images().get(0)), within(1e-4f));
            }
        }
    }

    @Test
    void aSequentialPassKeepsThePlansZerosAndRepairLosesLessThanRanking() throws Exception {
        Bundle bundle = EncoderBundle.of("nano-optimum", folder.resolve("encoder"));
        List<Sample> samples = EncoderBundle.pictures(bundle, 8);
        ElasticPlan plan = steps(bundle, w -> new WeightStep(150, 3));
        FeatureScorer scorer = new FeatureScorer(samples, FeatureFile.open(reference(bundle, samples)), 2);
        double[] errors = new double[2];
        for (boolean repair : new boolean[] {false, true}) {
            Path work = Files.createDirectory(folder.resolve("work-" + repair));
            Map<String, Matrix> pruned = new SequentialPass(bundle, repair ? new RepairedWeights(new PlainAlgebra()) : new RankedWeights(PruningMethod.WANDA), plan,
                    new RowZeros(Optional.empty()), Map.of(), Map.of(), 2, work, (share, doing) -> { }).run(samples);
            for (WeightMatrix weight : bundle.weights()) {
                Matrix values = pruned.get(weight.id());
                int zeros = 0;
                for (float value : values.values()) {
                    zeros += value == 0 ? 1 : 0;
                }
                assertThat(zeros).as(weight.id()).isEqualTo(LevelMap.zeros(weight.inputs(), 151) * 3 + LevelMap.zeros(weight.inputs(), 150) * (weight.outputs() - 3));
            }
            try (ElasticEncoder replaced = open(ElasticGraph.of(bundle, encoder(bundle)).replaced(pruned), "pruned-" + repair)) {
                errors[repair ? 1 : 0] = scorer.quality(replaced.with(steps(bundle, w -> WeightStep.DENSE))).error();
            }
        }
        assertThat(errors[1]).isPositive().isLessThan(errors[0]);
    }

    @Test
    void aPlanThatLosesIsGivenUpAtItsLowerBound() throws Exception {
        Bundle bundle = EncoderBundle.of("nano-optimum", folder.resolve("encoder"));
        List<Sample> samples = EncoderBundle.pictures(bundle, 6);
        FeatureScorer scorer = new FeatureScorer(samples, FeatureFile.open(reference(bundle, samples)), 2);
        FeatureSource nothing = picture -> new float[reference(samples).of(0).length];
        assertThat(scorer.quality(nothing).error()).as("features of zeros").isEqualTo(1);
        assertThat(scorer.quality(nothing, () -> { }, 0.4).byPicture()).as("three of six pictures are above 0.4 already").hasSize(3);
    }

    private Path reference;

    private FeatureFile reference(List<Sample> samples) {
        try {
            return FeatureFile.open(reference);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private Path reference(Bundle bundle, List<Sample> samples) throws Exception {
        reference = folder.resolve("reference.safetensors");
        try (StockEncoder stock = StockEncoder.open(encoder(bundle).path(), 1)) {
            FeatureFile.write(reference, samples, stock, done -> { });
        }
        return reference;
    }

    /** Written and read again, as services hand them on. */
    private List<Sample> written(List<Sample> samples) throws IOException {
        Path file = folder.resolve("samples.safetensors");
        SampleSetFile.write(file, samples);
        List<Sample> read = SampleSetFile.read(file);
        assertThat(read).hasSameSizeAs(samples);
        for (int i = 0; i < samples.size(); i++) {
            assertThat(read.get(i).images().get(0).values()).isEqualTo(samples.get(i).images().get(0).values());
            assertThat(read.get(i).id()).isEqualTo(samples.get(i).id());
        }
        return read;
    }

    private ElasticEncoder open(ElasticGraph graph, String name) throws Exception {
        return ElasticEncoder.open(graph.features().write(Files.createDirectory(folder.resolve(name))), 1);
    }

    private static ModelFile encoder(Bundle bundle) {
        return bundle.model(Kind.VISION_ENCODER).orElseThrow();
    }

    private static ByteBuffer rows(Bundle bundle, BankFile bank, WeightMatrix weight, ElasticPlan plan) {
        try {
            return bundle.encode(weight, bank.rows(weight, plan.weights().get(bundle.weights().indexOf(weight))));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ElasticPlan steps(Bundle bundle, IntFunction<WeightStep> step) {
        return new ElasticPlan(IntStream.range(0, bundle.weights().size()).mapToObj(step).toList(), List.of(), List.of());
    }
}
