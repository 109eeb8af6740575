package dev.kogata.onnx.solve;

import dev.kogata.core.budget.VersionGrid;
import dev.kogata.core.prune.DenseAlgebra;
import dev.kogata.core.prune.Matrix;
import dev.kogata.core.prune.Pattern;
import dev.kogata.onnx.bundle.BankFile;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.bundle.ModelFile;
import dev.kogata.onnx.bundle.WeightMatrix;
import dev.kogata.onnx.elastic.Calibration;
import dev.kogata.onnx.elastic.ElasticGraph;
import dev.kogata.onnx.elastic.ElasticModel;
import dev.kogata.onnx.sample.Sample;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Builds a bank: every weight solved at every sparsity of a grid by SparseGPT, on the inputs that the dense model gives it. Given
 * the Hessian the output rows are independent problems, so any mixture of rows is a solution too. Layers are measured and
 * solved in groups, as many at once as their Hessians have room for; each version is written as soon as it is solved. One use.
 */
public final class RepairedBank {
    /** A product comes out of the graph, is copied, and is added to the sum. */
    private static final int COPIES = 3;

    private final Bundle bundle;
    private final List<Sample> samples;
    private final VersionGrid grid;
    private final RepairedWeights solver;
    private final int threads;
    private final Path work;
    private final Watch watch;

    private Set<Integer> measured = Set.of();
    private Calibration inputs;
    private int solved;

    /**
     * @param samples whose inputs weights are repaired for
     * @param work an existing folder for graphs in between
     */
    public RepairedBank(Bundle bundle, List<Sample> samples, VersionGrid grid, DenseAlgebra algebra, int threads, Path work, Watch watch) {
        this.bundle = bundle;
        this.samples = samples;
        this.grid = grid;
        this.solver = new RepairedWeights(algebra);
        this.threads = threads;
        this.work = work;
        this.watch = watch;
    }

    /**
     * Writes the bank.
     *
     * @param hessianBytes room for Hessians; those of one layer are held in any case
     * @param metadata of the file
     * @return how every version of every weight was repaired, in the bank's order
     */
    public List<Repair> write(Path file, long hessianBytes, Map<String, String> metadata) throws Exception {
        BankFile.write(file, bundle, grid, metadata, (weight, version) -> solve(weight, version, hessianBytes));
        return solver.repairs();
    }

    private Matrix solve(WeightMatrix weight, int version, long hessianBytes) throws Exception {
        double share = (double) solved++ / Math.max(1, bundle.weights().size() * (grid.versions() - 1));
        String doing = "repairing %s of layer %d".formatted(weight.role(), weight.layer());
        watch.at(share, doing);
        if (!measured.contains(weight.layer())) {
            inputs = null;   // the memory of the group before
            measured = groupFrom(weight, hessianBytes);
            inputs = measure(bundle.file(weight), () -> watch.at(share, "measuring the inputs of %d layers".formatted(measured.size())));
        }
        Matrix values = bundle.read(weight);
        return solver.solve(weight, values, Pattern.ZerosPerRow.at(values, grid.steps().get(version), 0).zeros(), inputs);
    }

    /** The layers from one on, in the same graph, whose Hessians fit together. */
    private Set<Integer> groupFrom(WeightMatrix from, long hessianBytes) {
        int first = from.layer();
        Set<Integer> group = new HashSet<>(Set.of(first));
        Set<String> read = new HashSet<>();
        long bytes = 0;
        for (WeightMatrix weight : BankFile.order(bundle)) {
            if (weight.layer() < first || !weight.file().equals(from.file())) {
                continue;
            }
            if (read.add(bundle.inputName(weight).orElse(weight.id()))) {
                bytes += (long) COPIES * Float.BYTES * weight.inputs() * weight.inputs();
            }
            if (bytes > hessianBytes && weight.layer() > first) {
                group.remove(weight.layer());
                break;
            }
            group.add(weight.layer());
        }
        return group;
    }

    private Calibration measure(ModelFile part, Runnable step) throws Exception {
        Path folder = Files.createDirectories(work.resolve("inputs"));
        ElasticModel model = ElasticGraph.of(bundle, part).inputProducts(measured::contains).write(folder);
        try {
            return Calibration.of(bundle, model, samples, threads, done -> step.run());
        } finally {
            SequentialPass.delete(folder);
        }
    }
}
