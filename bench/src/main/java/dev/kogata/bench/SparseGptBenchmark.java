package dev.kogata.bench;

import dev.kogata.core.prune.DenseAlgebra;
import dev.kogata.core.prune.Hessian;
import dev.kogata.core.prune.InverseFactor;
import dev.kogata.core.prune.Matrix;
import dev.kogata.core.prune.Pattern;
import dev.kogata.core.prune.PlainAlgebra;
import dev.kogata.core.prune.SparseGpt;
import dev.kogata.onnx.algebra.OpenBlasAlgebra;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * SparseGPT of one weight at half of every row, factorization included, against one product of the same algebra: operations a
 * second of the product are the machine's rate.
 */
@State(Scope.Benchmark)
public class SparseGptBenchmark {
    private static final int VERSIONS = 8;

    /** (out) x (in), square. */
    @Param({"2048x2048", "4096x4096"})
    public String shape;

    /** Who does the dense linear algebra; see {@link #algebra(String)}. */
    @Param("openblas")
    public String algebra;

    private DenseAlgebra dense;
    private Matrix weight;
    private float[] hessian;
    private float[] product;
    private List<SparseGpt.Repaired> answer;

    /** Makes the weight and the Hessian of correlated inputs. */
    @Setup
    public void prepare() {
        dense = algebra(algebra);
        Shape size = Shape.of(shape);
        weight = size.weight();
        int columns = size.columns();
        Hessian gathered = new Hessian(columns, dense);
        Matrix inputs = new Shape(2 * columns, columns).weight();
        for (int k = 1; k < inputs.values().length; k++) {
            inputs.values()[k] += 0.7f * inputs.values()[k - 1];
        }
        gathered.add(inputs.values(), inputs.rows());
        hessian = gathered.values();
        product = new float[weight.values().length];
    }

    /** The algebra of a name: here another one is added to be measured. */
    private static DenseAlgebra algebra(String name) {
        return switch (name) {
            case "plain" -> new PlainAlgebra();
            case "openblas" -> new OpenBlasAlgebra(Cores.threads());
            default -> throw new IllegalArgumentException("an algebra named " + name);
        };
    }

    /** The yardstick: a product of this size. */
    @Benchmark
    public float[] product() {
        int rows = weight.rows(), columns = weight.columns();
        answer = null;
        return Cores.run(() -> {
            dense.subtractProduct(rows, columns, columns, weight.values(), 0, columns, hessian, 0, columns, product, 0, columns);
            return product;
        });
    }

    /** One version. */
    @Benchmark
    public Object oneVersion() {
        return answer = Cores.run(() -> solve(1));
    }

    /** Eight versions, for which one factorization is enough. */
    @Benchmark
    public Object eightVersions() {
        return answer = Cores.run(() -> solve(VERSIONS));
    }

    /** Counts the zeros of what came out last, and compares its loss with that of a mask alone. */
    @TearDown(Level.Iteration)
    public void check() {
        for (int v = 0; answer != null && v < answer.size(); v++) {
            int[] wanted = pattern(v, answer.size()).zeros();
            float[] pruned = answer.get(v).weight().values();
            for (int i = 0; i < weight.rows(); i++) {
                int zeros = 0;
                for (int k = i * weight.columns(); k < (i + 1) * weight.columns(); k++) {
                    zeros += pruned[k] == 0f ? 1 : 0;
                }
                WrongAnswer.unless(zeros == wanted[i], "row " + i + " has " + wanted[i] + " zeros");
            }
            WrongAnswer.unless(rowError(pruned, false) < rowError(pruned, true), "repairing what stays lowers the error");
        }
    }

    /**
     * n^3/3 operations each for factor and inverse, n^2 * rows for the updates; a product has 2 n^2 * rows.
     * The weight read and written for each version, the Hessian read.
     */
    static Floor floor(String variant, String shape) {
        Shape size = Shape.of(shape);
        long n = size.columns(), versions = variant.equals("eightVersions") ? VERSIONS : 1;
        if (variant.equals("product")) {
            return new Floor(2 * n * size.values(), 4 * (2 * size.values() + n * n));
        }
        return new Floor(2 * n * n * n / 3 + versions * n * size.values(), 4 * (2 * versions * size.values() + n * n));
    }

    private List<SparseGpt.Repaired> solve(int versions) {
        InverseFactor factor = InverseFactor.of("weight", weight.columns(), hessian, InverseFactor.DAMPING, dense);
        return new SparseGpt(dense).bank("weight", weight, factor, IntStream.range(0, versions).mapToObj(v -> pattern(v, versions)).toList());
    }

    /** A share of (v + 1) / (versions + 1) of every row. */
    private Pattern.ZerosPerRow pattern(int version, int versions) {
        int[] zeros = new int[weight.rows()];
        Arrays.fill(zeros, weight.columns() * (version + 1) / (versions + 1));
        return new Pattern.ZerosPerRow(zeros);
    }

    /** d H d^T of the first row, d being what pruning changed; with {@code maskOnly} as if nothing had been repaired. */
    private double rowError(float[] pruned, boolean maskOnly) {
        int columns = weight.columns();
        double[] change = new double[columns];
        for (int j = 0; j < columns; j++) {
            change[j] = maskOnly && pruned[j] != 0 ? 0 : pruned[j] - weight.values()[j];
        }
        double error = 0;
        for (int i = 0; i < columns; i++) {
            double sum = 0;
            for (int j = 0; j < columns; j++) {
                sum += hessian[i * columns + j] * change[j];
            }
            error += sum * change[i];
        }
        return error;
    }
}
