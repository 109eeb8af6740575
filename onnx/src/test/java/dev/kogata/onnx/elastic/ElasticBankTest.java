package dev.kogata.onnx.elastic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kogata.core.budget.BankCounts;
import dev.kogata.core.budget.ElasticPlan;
import dev.kogata.core.budget.VersionGrid;
import dev.kogata.core.budget.WeightShape;
import dev.kogata.core.budget.WeightStep;
import dev.kogata.core.prune.Matrix;
import dev.kogata.core.prune.Pattern;
import dev.kogata.core.prune.PlainAlgebra;
import dev.kogata.onnx.bundle.BankFile;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.bundle.WeightMatrix;
import dev.kogata.onnx.sample.Sample;
import dev.kogata.onnx.solve.Repair;
import dev.kogata.onnx.solve.RepairedBank;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ElasticBankTest {
    private static final Path MODELS = Path.of("src/test/resources/models");
    private static final VersionGrid GRID = new VersionGrid(List.of(0, 100, 170, 230));

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"nano-optimum", "nano-genai", "nano-dynamo", "nano-attention", "nano-merged_if", "nano-float16"})
    void aPlanIsTheModelWithTheRowsThatTheBankHasForIt(String name) throws Exception {
        Bundle bundle = Bundle.open(MODELS.resolve(name));
        float noise = name.equals("nano-float16") ? 2e-3f : 1e-4f;   // a few steps of the logits' type
        List<Sample> samples = RandomSamples.of(1, 64, 23, 9, 31);
        Path file = bank(bundle, samples, 1 << 30);
        ElasticPlan plan = mixed(bundle);
        Map<String, Matrix> chosen = new HashMap<>();
        try (BankFile bank = BankFile.open(file)) {
            for (int w = 0; w < bundle.weights().size(); w++) {
                chosen.put(bundle.weights().get(w).id(), bank.rows(bundle.weights().get(w), plan.weights().get(w)));
            }
        }
        ElasticModel elastic = ElasticGraph.of(bundle).bank(file).answerLogits().write(Files.createDirectory(folder.resolve("bank")));
        ElasticModel replaced = ElasticGraph.of(bundle).replaced(chosen).answerLogits().write(Files.createDirectory(folder.resolve("replaced")));
        assertThat(elastic.form()).isEqualTo(ElasticModel.Form.BANK);
        ElasticPlan dense = steps(bundle, w -> WeightStep.DENSE);
        try (ElasticSession session = ElasticSession.open(elastic, 2); ElasticSession expected = ElasticSession.open(replaced, 2)) {
            assertClose(session.with(plan).answerLogits(samples), expected.with(dense).answerLogits(samples), noise);
            assertThatThrownBy(() -> session.with(steps(bundle, w -> new WeightStep(3, 1))).answerLogits(samples)).isInstanceOf(IllegalArgumentException.class);
        }
        ElasticModel original = ElasticGraph.of(bundle).answerLogits().write(Files.createDirectory(folder.resolve("original")));
        try (ElasticSession session = ElasticSession.open(elastic, 2); ElasticSession expected = ElasticSession.open(original, 2)) {
            assertClose(session.with(dense).answerLogits(samples), expected.with(dense).answerLogits(samples), noise);
        }
    }

    @Test
    void everyPositionOfABankHasTheNonzerosThatItsCountsSay() throws Exception {
        Bundle bundle = Bundle.open(MODELS.resolve("nano-optimum"));
        try (BankFile bank = BankFile.open(bank(bundle, RandomSamples.of(1, 64, 23, 9), 1 << 30))) {
            for (WeightMatrix weight : bundle.weights()) {
                WeightShape shape = new WeightShape(weight.id(), weight.layer(), weight.outputs(), weight.inputs(), weight.rows(), weight.columns(), weight.valueBytes());
                BankCounts counts = new BankCounts(shape, bank.grid());
                for (WeightStep step : List.of(WeightStep.DENSE, new WeightStep(0, 5), new WeightStep(1, 0), new WeightStep(2, weight.outputs() - 1), new WeightStep(3, 0))) {
                    float[] values = bank.rows(weight, step).values();
                    long nonzeros = IntStream.range(0, values.length).filter(k -> values[k] != 0).count();
                    assertThat(nonzeros).as("%s at %s", weight.id(), step).isEqualTo(counts.nonzeros(step.step(), step.rowsAtNextStep()));
                }
            }
        }
    }

    @Test
    void solvedLayerByLayerItIsTheSameBank() throws Exception {
        Bundle bundle = Bundle.open(MODELS.resolve("nano-optimum"));
        List<Sample> samples = RandomSamples.of(1, 64, 23, 9);
        assertThat(Files.readAllBytes(bank(bundle, samples, 1))).isEqualTo(Files.readAllBytes(bank(bundle, samples, 1 << 30)));
    }

    @Test
    void aBankWhoseRowsHaveOtherZerosThanItsGridSaysIsNotWritten() {
        Bundle bundle = Bundle.open(MODELS.resolve("nano-optimum"));
        assertThatThrownBy(() -> BankFile.write(folder.resolve("wrong"), bundle, GRID, Map.of(), (weight, version) -> bundle.read(weight)))
                .hasMessageContaining("has 0 zeros at step 100");
    }

    private Path bank(Bundle bundle, List<Sample> samples, long hessianBytes) throws Exception {
        Path file = folder.resolve("bank-" + hessianBytes + ".safetensors");
        List<Repair> repairs = new RepairedBank(bundle, samples, GRID, new PlainAlgebra(), 2, folder, (share, doing) -> { }).write(file, hessianBytes, Map.of());
        assertThat(repairs).hasSize(bundle.weights().size() * 3);
        return file;
    }

    /** Every weight with another version and another number of rows from the next. */
    private static ElasticPlan mixed(Bundle bundle) {
        return steps(bundle, w -> new WeightStep(w % 3, (7 * w) % bundle.weights().get(w).outputs()));
    }

    private static ElasticPlan steps(Bundle bundle, java.util.function.IntFunction<WeightStep> step) {
        List<Integer> asIs = bundle.cacheLayers().stream().map(l -> 0).toList();
        return new ElasticPlan(IntStream.range(0, bundle.weights().size()).mapToObj(step).toList(), asIs, asIs);
    }

    private static void assertClose(List<float[]> actual, List<float[]> expected, float noise) {
        List<Float> differences = new ArrayList<>();
        for (int s = 0; s < actual.size(); s++) {
            for (int i = 0; i < actual.get(s).length; i++) {
                differences.add(Math.abs(actual.get(s)[i] - expected.get(s)[i]));
            }
        }
        assertThat(differences).isNotEmpty().allMatch(d -> d < noise);
        assertThat(actual.get(0)).isNotEqualTo(new float[actual.get(0).length]);
    }
}
