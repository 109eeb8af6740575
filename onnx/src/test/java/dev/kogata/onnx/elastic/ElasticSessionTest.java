package dev.kogata.onnx.elastic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.kogata.core.budget.ElasticPlan;
import dev.kogata.core.budget.WeightStep;
import dev.kogata.core.prune.Hessian;
import dev.kogata.core.prune.Matrix;
import dev.kogata.core.prune.PlainAlgebra;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.bundle.WeightMatrix;
import dev.kogata.onnx.sample.Sample;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ElasticSessionTest {
    private static final WeightStep HALF = new WeightStep(128, 17);

    private final Bundle bundle = Bundle.open(Path.of("src/test/resources/models/nano-optimum"));
    private final Map<String, ByteBuffer> levels = randomLevels(bundle);
    private final List<Sample> samples = RandomSamples.of(1, 64, 23, 9, 31);
    @TempDir
    Path folder;

    @Test
    void withoutPruningAndWithCachesAsTheyAreItIsTheStockDecoder() throws Exception {
        ElasticModel model = ElasticGraph.of(bundle).levels(levels).cacheWidths(Map.of()).answerLogits().write(folder);
        try (ElasticSession session = ElasticSession.open(model, 2); StockRun stock = stock()) {
            assertClose(session.with(plan(WeightStep.DENSE, 0, 0)).answerLogits(samples), stock.answerLogits(samples));
        }
    }

    @Test
    void aStepPrunesTheElementsWhoseLevelIsNotAboveIt() throws Exception {
        ElasticModel elastic = ElasticGraph.of(bundle).levels(levels).answerLogits().write(folder);
        Path other = folder.resolve("replaced");
        Files.createDirectory(other);
        ElasticModel replaced = ElasticGraph.of(bundle).replaced(pruned()).answerLogits().write(other);
        try (ElasticSession session = ElasticSession.open(elastic, 2); ElasticSession expected = ElasticSession.open(replaced, 2)) {
            List<float[]> logits = session.with(plan(HALF, 0, 0)).answerLogits(samples);
            assertClose(logits, expected.with(plan(WeightStep.DENSE, 0, 0)).answerLogits(samples));
            assertThat(logits.get(0)).isNotEqualTo(session.with(plan(WeightStep.DENSE, 0, 0)).answerLogits(samples).get(0));
        }
    }

    @Test
    void fewerBitsAreFurtherFromTheStockDecoder() throws Exception {
        ElasticModel model = ElasticGraph.of(bundle).cacheWidths(Map.of()).answerLogits().write(folder);
        try (ElasticSession session = ElasticSession.open(model, 2); StockRun stock = stock()) {
            List<float[]> dense = stock.answerLogits(samples);
            double before = 0;
            for (int bits : new int[] {8, 6, 4, 3, 2}) {
                double keys = distance(session.with(plan(WeightStep.DENSE, bits, 0)).answerLogits(samples), dense);
                double values = distance(session.with(plan(WeightStep.DENSE, 0, bits)).answerLogits(samples), dense);
                assertThat(values).isGreaterThan(before);
                assertThat(keys).isPositive();
                before = values;
            }
        }
    }

    @Test
    void theSamePlanAlwaysGivesTheSameBits() throws Exception {
        ElasticModel model = ElasticGraph.of(bundle).levels(levels).cacheWidths(Map.of()).answerLogits().write(folder);
        try (ElasticSession session = ElasticSession.open(model, 2)) {
            float[] first = session.with(plan(HALF, 4, 2)).answerLogits(samples).get(2);
            session.with(plan(WeightStep.DENSE, 0, 0)).answerLogits(samples);
            assertThat(session.with(plan(HALF, 4, 2)).answerLogits(samples).get(2)).isEqualTo(first);
        }
    }

    @Test
    void inputNormsLeavePaddingOut() throws Exception {
        ElasticModel model = ElasticGraph.of(bundle).inputNorms(layer -> true).write(folder);
        try (ElasticSession session = ElasticSession.open(model, 2)) {
            Calibration together = new Calibration(model, session);
            together.add(samples);
            Calibration apart = new Calibration(model, session);
            for (Sample sample : samples) {
                apart.add(List.of(sample));
            }
            for (WeightMatrix weight : bundle.weights()) {
                float[] norms = together.inputNorms().get(weight.id());
                assertThat(norms).hasSize(weight.inputs());
                assertThat(norms).containsExactly(apart.inputNorms().get(weight.id()), within(1e-3f));
            }
            assertThat(together.inputNorms().get(bundle.weights().get(0).id())).isEqualTo(together.inputNorms().get(bundle.weights().get(2).id()));
        }
    }

    @Test
    void productsOfInputsAreWhatTheInputsGiveAndLeavePaddingOut() throws Exception {
        ElasticModel model = ElasticGraph.of(bundle).inputProducts(layer -> layer == 0).write(folder);
        WeightMatrix first = bundle.weights().stream().filter(w -> w.layer() == 0 && w.role().equals("q_proj")).findFirst().orElseThrow();
        Hessian expected = new Hessian(first.inputs(), new PlainAlgebra());
        for (Sample sample : samples) {
            expected.add(normalized(sample), 1);
        }
        try (ElasticSession session = ElasticSession.open(model, 2)) {
            Calibration together = new Calibration(model, session);
            together.add(samples);
            Calibration apart = new Calibration(model, session);
            for (Sample sample : samples) {
                apart.add(List.of(sample));
            }
            assertThat(together.hessian(first.id()).values()).containsExactly(expected.values(), within(1e-3f));
            for (WeightMatrix weight : bundle.weights().stream().filter(w -> w.layer() == 0).toList()) {
                float[] hessian = together.hessian(weight.id()).values();
                assertThat(hessian).hasSize(weight.inputs() * weight.inputs()).containsExactly(apart.hessian(weight.id()).values(), within(1e-3f));
            }
            assertThat(together.hessian(first.id())).isSameAs(together.hessian(bundle.weights().get(2).id()));
        }
    }

    @Test
    void onlyTheLayersAskedForAreMeasured() throws Exception {
        ElasticModel model = ElasticGraph.of(bundle).inputNorms(layer -> layer == 0).write(folder);
        assertThat(model.norms().keySet()).containsExactlyInAnyOrderElementsOf(
                bundle.weights().stream().filter(w -> w.layer() == 0).map(WeightMatrix::id).toList());
    }

    @Test
    void aPlanThatTheGraphCannotRunIsRefused() throws Exception {
        ElasticModel model = ElasticGraph.of(bundle).answerLogits().write(folder);
        try (ElasticSession session = ElasticSession.open(model, 1)) {
            assertThatThrownBy(() -> session.with(plan(HALF, 0, 0))).hasMessageContaining("has no level map");
            assertThatThrownBy(() -> session.with(plan(WeightStep.DENSE, 4, 0))).hasMessageContaining("4 bits for the cache of layer 0");
        }
    }

    private ElasticPlan plan(WeightStep step, int keyBits, int valueBits) {
        return new ElasticPlan(bundle.weights().stream().map(w -> step).toList(), List.of(keyBits, keyBits), List.of(valueBits, valueBits));
    }

    /** What the first projections of this model multiply: embeddings over their root mean square, all factors being 1. */
    private static float[] normalized(Sample sample) {
        float[] x = new float[sample.embeddings().remaining()];
        sample.embeddings().duplicate().get(x);
        for (int token = 0; token < x.length; token += 64) {
            double square = 0;
            for (int j = token; j < token + 64; j++) {
                square += (double) x[j] * x[j] / 64;
            }
            for (int j = token; j < token + 64; j++) {
                x[j] /= (float) Math.sqrt(square);
            }
        }
        return x;
    }

    private StockRun stock() throws Exception {
        return new StockRun(bundle.decoder().orElseThrow().path(), bundle.vocabularySize());
    }

    /** What HALF means, on the weights themselves. */
    private Map<String, Matrix> pruned() {
        Map<String, Matrix> all = new HashMap<>();
        for (WeightMatrix weight : bundle.weights()) {
            Matrix matrix = bundle.read(weight);
            for (int out = 0; out < weight.outputs(); out++) {
                int step = out < HALF.rowsAtNextStep() ? HALF.step() + 1 : HALF.step();
                for (int in = 0; in < weight.inputs(); in++) {
                    int level = levels.get(weight.id()).get(in * weight.outputs() + out) & 255;
                    if (level <= step) {
                        matrix.values()[out * weight.inputs() + in] = 0;
                    }
                }
            }
            all.put(weight.id(), matrix);
        }
        return all;
    }

    static Map<String, ByteBuffer> randomLevels(Bundle bundle) {
        Random random = new Random(3);
        Map<String, ByteBuffer> levels = new HashMap<>();
        for (WeightMatrix weight : bundle.weights()) {
            byte[] values = new byte[weight.rows() * weight.columns()];
            for (int i = 0; i < values.length; i++) {
                values[i] = (byte) (1 + random.nextInt(255));
            }
            levels.put(weight.id(), ByteBuffer.wrap(values));
        }
        return levels;
    }

    private static void assertClose(List<float[]> actual, List<float[]> expected) {
        assertThat(distance(actual, expected)).isLessThan(1e-5);
        assertThat(actual).hasSameSizeAs(expected);
    }

    /** Largest difference. */
    private static double distance(List<float[]> actual, List<float[]> expected) {
        double largest = 0;
        for (int s = 0; s < actual.size(); s++) {
            assertThat(actual.get(s)).hasSameSizeAs(expected.get(s));
            for (int i = 0; i < actual.get(s).length; i++) {
                largest = Math.max(largest, Math.abs(actual.get(s)[i] - expected.get(s)[i]));
            }
        }
        return largest;
    }
}
