package dev.kogata.onnx.solve;

import dev.kogata.core.budget.ElasticPlan;
import dev.kogata.core.budget.WeightStep;
import dev.kogata.core.prune.Matrix;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.bundle.Component.Kind;
import dev.kogata.onnx.bundle.ModelFile;
import dev.kogata.onnx.bundle.WeightMatrix;
import dev.kogata.onnx.elastic.Calibration;
import dev.kogata.onnx.elastic.ElasticEncoder;
import dev.kogata.onnx.elastic.ElasticGraph;
import dev.kogata.onnx.elastic.ElasticModel;
import dev.kogata.onnx.graph.NativeScales;
import dev.kogata.onnx.sample.ProjectedFeatures;
import dev.kogata.onnx.sample.Sample;
import dev.kogata.onnx.score.FeatureSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Prunes layer after layer: the inputs that a layer is solved with come from the layers before it as they are delivered,
 * pruned and with their caches quantized (the order of Wanda's own code, arXiv 2306.11695). The graph behind the measured layer is
 * not run. A vision encoder that is pruned too comes first, and the decoder is then shown what it sees. Each row keeps the number of zeros that the plan gives it, so the bytes stay the plan's. One use.
 */
public final class SequentialPass {
    private final Bundle bundle;
    private final LayerSolver solver;
    private final ElasticPlan plan;
    private final RowZeros zeros;
    private final Map<Integer, float[]> keyFactors;
    private final Map<Integer, List<NativeScales>> nativeScales;
    private final int threads;
    private final Path work;
    private final Watch watch;

    /**
     * @param zeros what the plan's steps mean
     * @param nativeScales of the layers whose caches are native
     * @param work an existing folder for graphs in between
     */
    public SequentialPass(Bundle bundle, LayerSolver solver, ElasticPlan plan, RowZeros zeros, Map<Integer, float[]> keyFactors,
            Map<Integer, List<NativeScales>> nativeScales, int threads, Path work, Watch watch) {
        this.bundle = bundle;
        this.solver = solver;
        this.plan = plan;
        this.zeros = zeros;
        this.keyFactors = keyFactors;
        this.nativeScales = nativeScales;
        this.threads = threads;
        this.work = work;
        this.watch = watch;
    }

    /** By weight id: new values (out, in) of all weights. */
    public Map<String, Matrix> run(List<Sample> samples) throws Exception {
        Map<String, Matrix> pruned = new HashMap<>();
        List<WeightMatrix> firsts = bundle.weights().stream().sorted(Comparator.comparing((WeightMatrix w) -> w.part() == Kind.DECODER).thenComparingInt(WeightMatrix::layer)).toList();
        int[] layers = firsts.stream().mapToInt(WeightMatrix::layer).distinct().toArray();
        List<Sample> seen = samples;
        for (int i = 0; i < layers.length; i++) {
            String doing = "pruning layer %d of %d on compressed inputs".formatted(i + 1, layers.length);
            double share = (double) i / layers.length;
            watch.at(share, doing);
            if (seen == samples && bundle.sees() && part(layers[i]).equals(bundle.decoder().orElseThrow())) {
                seen = seen(pruned, samples);
            }
            solve(layers[i], pruned, seen, () -> watch.at(share, doing));
        }
        return pruned;
    }

    /** The samples as the encoder sees their pictures with its weights pruned. */
    private List<Sample> seen(Map<String, Matrix> pruned, List<Sample> samples) throws Exception {
        Path folder = Files.createDirectories(work.resolve("seen"));
        ElasticModel model = ElasticGraph.of(bundle, bundle.model(Kind.VISION_ENCODER).orElseThrow()).replaced(pruned).features().write(folder);
        ElasticPlan dense = new ElasticPlan(bundle.weights().stream().map(w -> WeightStep.DENSE).toList(), plan.keyBits(), plan.valueBits());
        try (ElasticEncoder encoder = ElasticEncoder.open(model, threads); ProjectedFeatures projected = ProjectedFeatures.open(bundle, threads)) {
            FeatureSource features = projected.of(encoder.with(dense));
            List<Sample> seen = new ArrayList<>();
            for (Sample sample : samples) {
                seen.add(sample.seenBy(features));
            }
            return seen;
        } finally {
            delete(folder);
        }
    }

    /** A number stands for one block of the bundle, and so for one part. */
    private ModelFile part(int layer) {
        return bundle.weights().stream().filter(w -> w.layer() == layer).map(bundle::file).findFirst().orElseThrow();
    }

    private void solve(int layer, Map<String, Matrix> pruned, List<Sample> samples, Runnable step) throws Exception {
        Calibration inputs = inputs(layer, pruned, samples, step);
        for (int w = 0; w < bundle.weights().size(); w++) {
            WeightMatrix weight = bundle.weights().get(w);
            if (weight.layer() == layer) {
                step.run();
                Matrix values = bundle.read(weight);
                pruned.put(weight.id(), solver.solve(weight, values, zeros.of(values, plan.weights().get(w)), inputs));
            }
        }
    }

    private Calibration inputs(int layer, Map<String, Matrix> pruned, List<Sample> samples, Runnable step) throws Exception {
        Path folder = Files.createDirectories(work.resolve("layer-" + layer));
        ElasticGraph graph = ElasticGraph.of(bundle, part(layer)).replaced(pruned).cacheWidths(keyFactors).nativeCaches(nativeScales);
        solver.measure(graph, layer);
        ElasticModel model = graph.write(folder);
        try {
            return Calibration.of(bundle, model, plan.keyBits(), plan.valueBits(), nativeScales.keySet(), samples, threads, done -> step.run());
        } finally {
            delete(folder);
        }
    }

    static void delete(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }
}
