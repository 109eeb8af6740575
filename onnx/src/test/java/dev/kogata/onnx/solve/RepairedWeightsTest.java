package dev.kogata.onnx.solve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kogata.core.budget.WeightStep;
import dev.kogata.core.prune.Matrix;
import dev.kogata.core.prune.PruningMethod;
import dev.kogata.onnx.algebra.OpenBlasAlgebra;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.bundle.WeightMatrix;
import dev.kogata.onnx.elastic.Calibration;
import dev.kogata.onnx.elastic.ElasticGraph;
import dev.kogata.onnx.elastic.ElasticModel;
import dev.kogata.onnx.elastic.ElasticSession;
import dev.kogata.onnx.sample.Sample;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RepairedWeightsTest {
    private static final WeightStep STEP = new WeightStep(140, 3);
    private static final RowZeros ZEROS = new RowZeros(Optional.empty());

    private final Bundle bundle = Bundle.open(Path.of("src/test/resources/models/nano-optimum"));
    private final List<WeightMatrix> weights = bundle.weights().stream().filter(w -> w.layer() == 1).toList();
    @TempDir
    Path folder;
    private Calibration inputs;

    @BeforeEach
    void measure() throws Exception {
        ElasticModel model = ElasticGraph.of(bundle).inputNorms(layer -> layer == 1).inputProducts(layer -> layer == 1).write(folder);
        try (ElasticSession session = ElasticSession.open(model, 2)) {
            inputs = new Calibration(model, session);
            inputs.add(samples());
        }
    }

    @Test
    void outputsOnCalibrationDataMoveLessThanByWandaWithAsManyZerosInEveryRow() {
        RepairedWeights repaired = new RepairedWeights(new OpenBlasAlgebra(2));
        RankedWeights wanda = new RankedWeights(PruningMethod.WANDA);
        for (WeightMatrix weight : weights) {
            Matrix dense = bundle.read(weight);
            int[] zeros = ZEROS.of(dense, STEP);
            Matrix repair = repaired.solve(weight, dense, zeros, inputs), ranked = wanda.solve(weight, dense, zeros, inputs);
            for (int row = 0; row < dense.rows(); row++) {
                assertThat(zeros(repair, row)).as("%s, row %d", weight.id(), row).isEqualTo(zeros(ranked, row));
            }
            float[] hessian = inputs.hessian(weight.id()).values();
            assertThat(outputError(dense, repair, hessian)).as(weight.id()).isLessThan(outputError(dense, ranked, hessian));
        }
    }

    @Test
    void theSameInputsGiveTheSameBits() {
        for (WeightMatrix weight : weights) {
            int[] zeros = ZEROS.of(bundle.read(weight), STEP);
            float[] once = new RepairedWeights(new OpenBlasAlgebra(2)).solve(weight, bundle.read(weight), zeros, inputs).values();
            assertThat(new RepairedWeights(new OpenBlasAlgebra(2)).solve(weight, bundle.read(weight), zeros, inputs).values()).isEqualTo(once);
        }
    }

    private static List<Sample> samples() {
        SplittableRandom random = new SplittableRandom(3);
        List<Sample> samples = new ArrayList<>();
        for (int length : new int[] {60, 41, 80, 33, 75}) {
            float[] embeddings = new float[length * 64];
            for (int i = 0; i < embeddings.length; i++) {
                embeddings[i] = (float) random.nextDouble(-1, 1);
            }
            samples.add(new Sample("s" + samples.size(), new long[length], FloatBuffer.wrap(embeddings), 64, new int[] {0}, new int[1], new int[1],
                    List.of("test"), List.of("?"), List.of("!"), false));
        }
        return samples;
    }

    private static int zeros(Matrix matrix, int row) {
        int zeros = 0;
        for (int k = row * matrix.columns(); k < (row + 1) * matrix.columns(); k++) {
            zeros += matrix.values()[k] == 0 ? 1 : 0;
        }
        return zeros;
    }

    /** The sum of d H d over the rows d of the difference: squares of the outputs' change, up to a factor. */
    private static double outputError(Matrix dense, Matrix pruned, float[] hessian) {
        int columns = dense.columns();
        double error = 0;
        for (int row = 0; row < dense.rows(); row++) {
            for (int i = 0; i < columns; i++) {
                double sum = 0;
                for (int j = 0; j < columns; j++) {
                    sum += (double) hessian[i * columns + j] * (dense.values()[row * columns + j] - pruned.values()[row * columns + j]);
                }
                error += sum * (dense.values()[row * columns + i] - pruned.values()[row * columns + i]);
            }
        }
        return error;
    }
}
