package dev.kogata.bench.delivered;

import dev.kogata.core.budget.ElasticPlan;
import dev.kogata.core.budget.VersionGrid;
import dev.kogata.core.budget.WeightStep;
import dev.kogata.core.prune.LevelMap;
import dev.kogata.core.prune.Matrix;
import dev.kogata.core.prune.PruningMethod;
import dev.kogata.onnx.algebra.OpenBlasAlgebra;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.dataset.Dataset;
import dev.kogata.onnx.elastic.ElasticGraph;
import dev.kogata.onnx.elastic.ElasticSession;
import dev.kogata.onnx.elastic.LevelMapFile;
import dev.kogata.onnx.safetensors.Safetensors;
import dev.kogata.onnx.sample.Sample;
import dev.kogata.onnx.score.Batching;
import dev.kogata.onnx.score.LogitsSource;
import dev.kogata.onnx.score.StockDecoder;
import dev.kogata.onnx.solve.RepairedBank;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a trial costs: forward passes of the stock decoder and of the elastic graph over the same samples, taking turns on one thread. Before
 * anything is timed, the elastic graph with all weights and caches as they came must give the stock decoder's logits. One JSON line for each form.
 *
 * <pre>
 * java -cp 'bench/target/lib/*' dev.kogata.bench.delivered.TrialCostMain --model demo/shapes-llava --calibration demo/data/calibration.jsonl --first 32 --rounds 15
 * </pre>
 */
public final class TrialCostMain {
    private static final double NOISE = 2e-4;

    private TrialCostMain() {}

    public static void main(String[] arguments) throws Exception {
        Map<String, String> options = new HashMap<>(Map.of("--first", "32", "--rounds", "15"));
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            options.put(arguments[i], arguments[i + 1]);
        }
        Bundle bundle = Bundle.open(Path.of(options.get("--model")));
        Dataset dataset = Conversations.read(Path.of(options.get("--calibration")), Integer.parseInt(options.get("--first")));
        Conversations conversations = new Conversations();
        conversations.add(bundle, dataset, 1);
        List<Sample> samples = conversations.samples(dataset.conversations());
        Path folder = Files.createTempDirectory("kogata-trial-cost");
        Path levelFile = folder.resolve("levels"), bankFile = folder.resolve("bank");
        LevelMapFile.write(levelFile, bundle, Map.of(), weight -> {
            Matrix values = bundle.read(weight);
            return LevelMap.levels(values, PruningMethod.MAGNITUDE.scores(weight.id(), values, new float[weight.inputs()]));
        });
        new RepairedBank(bundle, samples, VersionGrid.USUAL, new OpenBlasAlgebra(1), 1, folder, (share, doing) -> { }).write(bankFile, Long.MAX_VALUE, Map.of());
        int headSize = bundle.cacheLayers().stream().mapToInt(l -> l.headSize()).findFirst().orElse(0);
        Safetensors levels = Safetensors.open(levelFile);
        try (StockDecoder stock = StockDecoder.open(bundle.decoder().orElseThrow().path(), 1, headSize);
                ElasticSession bank = session(ElasticGraph.of(bundle).bank(bankFile).cacheWidths(Map.of()), folder.resolve("a"));
                ElasticSession map = session(ElasticGraph.of(bundle).levels(LevelMapFile.stored(levels, bundle)).cacheWidths(Map.of()), folder.resolve("b"))) {
            requireEqual(stock, bank.with(plan(bundle, WeightStep.DENSE, 0)), samples);
            requireEqual(stock, map.with(plan(bundle, WeightStep.DENSE, 0)), samples);
            Map<String, LogitsSource> variants = new LinkedHashMap<>();
            variants.put("stock", stock);
            variants.put("bank, caches as they are", bank.with(plan(bundle, new WeightStep(4, 17), 0)));
            variants.put("bank, caches at 4 bits", bank.with(plan(bundle, new WeightStep(4, 17), 4)));
            variants.put("level maps, caches at 4 bits", map.with(plan(bundle, new WeightStep(160, 17), 4)));
            report(variants, samples, Integer.parseInt(options.get("--rounds")));
        }
        levels.close();
    }

    private static ElasticSession session(ElasticGraph graph, Path folder) throws Exception {
        return ElasticSession.open(graph.answerLogits().write(Files.createDirectory(folder)), 1);
    }

    private static ElasticPlan plan(Bundle bundle, WeightStep step, int bits) {
        List<Integer> widths = bundle.cacheLayers().stream().map(l -> bits).toList();
        return new ElasticPlan(bundle.weights().stream().map(w -> step).toList(), widths, widths);
    }

    private static void requireEqual(LogitsSource expected, LogitsSource actual, List<Sample> samples) {
        for (int[] batch : Batching.DEFAULT.batches(samples)) {
            List<Sample> side = Arrays.stream(batch).mapToObj(samples::get).toList();
            List<float[]> a = expected.answerLogits(side), b = actual.answerLogits(side);
            for (int s = 0; s < side.size(); s++) {
                for (int i = 0; i < a.get(s).length; i++) {
                    if (!(Math.abs(a.get(s)[i] - b.get(s)[i]) <= NOISE * (1 + Math.abs(a.get(s)[i])))) {
                        throw new IllegalStateException("The elastic graph gives a logit of %s where the stock decoder gives %s.".formatted(b.get(s)[i], a.get(s)[i]));
                    }
                }
            }
        }
    }

    private static void report(Map<String, LogitsSource> variants, List<Sample> samples, int rounds) {
        Map<String, double[]> seconds = new LinkedHashMap<>();
        variants.keySet().forEach(name -> seconds.put(name, new double[rounds]));
        for (int round = -1; round < rounds; round++) {   // one to warm up
            for (Map.Entry<String, LogitsSource> variant : variants.entrySet()) {
                long start = System.nanoTime();
                for (int[] batch : Batching.DEFAULT.batches(samples)) {
                    variant.getValue().answerLogits(Arrays.stream(batch).mapToObj(samples::get).toList());
                }
                if (round >= 0) {
                    seconds.get(variant.getKey())[round] = (System.nanoTime() - start) / 1e9;
                }
            }
        }
        double[] stock = seconds.get("stock");
        seconds.forEach((name, times) -> {
            double[] ratios = new double[rounds];
            Arrays.setAll(ratios, i -> times[i] / stock[i]);
            System.out.printf(Locale.ROOT, "{\"variant\":\"%s\",\"samples\":%d,\"rounds\":%d,\"median_seconds\":%.4f,\"fastest_seconds\":%.4f,\"median_ratio\":%.3f,\"ratio_of_fastest\":%.3f}%n",
                    name, samples.size(), rounds, median(times), min(times), median(ratios), min(times) / min(stock));
        });
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static double min(double[] values) {
        return Arrays.stream(values).min().orElseThrow();
    }
}
