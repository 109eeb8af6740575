package dev.kogata.bench.delivered;

import dev.kogata.core.budget.BankCounts;
import dev.kogata.core.budget.CacheShape;
import dev.kogata.core.budget.ElasticPlan;
import dev.kogata.core.budget.ModelCost;
import dev.kogata.core.budget.NonzeroCounts;
import dev.kogata.core.budget.VersionGrid;
import dev.kogata.core.budget.WeightShape;
import dev.kogata.core.budget.WeightStep;
import dev.kogata.core.budget.Workload;
import dev.kogata.core.prune.LevelMap;
import dev.kogata.core.prune.Matrix;
import dev.kogata.core.prune.PruningMethod;
import dev.kogata.core.quality.Quality;
import dev.kogata.onnx.algebra.OpenBlasAlgebra;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.bundle.CacheLayer;
import dev.kogata.onnx.bundle.WeightMatrix;
import dev.kogata.onnx.dataset.Conversation;
import dev.kogata.onnx.dataset.DatasetSplit;
import dev.kogata.onnx.elastic.CacheRangeFile;
import dev.kogata.onnx.elastic.CacheStatistics;
import dev.kogata.onnx.elastic.Calibration;
import dev.kogata.onnx.elastic.ElasticGraph;
import dev.kogata.onnx.elastic.ElasticModel;
import dev.kogata.onnx.elastic.ElasticSession;
import dev.kogata.onnx.elastic.LevelMapFile;
import dev.kogata.onnx.prompt.PromptEncoder;
import dev.kogata.onnx.safetensors.Safetensors;
import dev.kogata.onnx.sample.Sample;
import dev.kogata.onnx.score.Batching;
import dev.kogata.onnx.solve.LayerSolver;
import dev.kogata.onnx.solve.RankedWeights;
import dev.kogata.onnx.solve.RepairedBank;
import dev.kogata.onnx.solve.RepairedWeights;
import dev.kogata.onnx.solve.RowZeros;
import dev.kogata.onnx.solve.SequentialPass;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;

/**
 * One split of the conversations, and everything that a job makes of it before it searches: with the very classes that the
 * services use. Not thread-safe.
 */
final class Workbench implements AutoCloseable {
    /** Which tokens the calibration of caches samples. */
    private static final long SEED = 17;

    private final Bundle bundle;
    private final Conversations conversations;
    private final DatasetSplit split;
    private final VersionGrid grid;
    private final int threads;
    private final Path folder;
    private final Map<Integer, float[]> keyFactors;
    private final ElasticSession levels;
    private final ElasticSession bank;
    private int folders;

    Workbench(Bundle bundle, Conversations conversations, DatasetSplit split, VersionGrid grid, int threads) throws Exception {
        this.bundle = bundle;
        this.conversations = conversations;
        this.split = split;
        this.grid = grid;
        this.threads = threads;
        folder = Files.createTempDirectory("kogata-target");
        List<Sample> search = conversations.samples(split.search());
        Calibration inputs = measured(search);
        keyFactors = keyFactors(search);
        Path levelFile = folder.resolve("levels.safetensors");
        LevelMapFile.write(levelFile, bundle, Map.of(), weight -> {
            Matrix values = bundle.read(weight);
            return LevelMap.levels(values, PruningMethod.WANDA.scores(weight.id(), values, inputs.inputNorms().get(weight.id())));
        });
        try (Safetensors file = Safetensors.open(levelFile)) {
            levels = session(ElasticGraph.of(bundle).levels(LevelMapFile.stored(file, bundle)));
        }
        Path bankFile = folder.resolve("bank.safetensors");
        new RepairedBank(bundle, search, grid, new OpenBlasAlgebra(threads), threads, folder, (share, doing) -> { }).write(bankFile, Long.MAX_VALUE, Map.of());
        bank = session(ElasticGraph.of(bundle).bank(bankFile));
    }

    private Calibration measured(List<Sample> samples) throws Exception {
        ElasticModel model = ElasticGraph.of(bundle).inputNorms(layer -> true).write(next());
        try (ElasticSession session = ElasticSession.open(model, threads)) {
            Calibration calibration = new Calibration(model, session);
            calibration.addAll(samples, Batching.DEFAULT, done -> { });
            return calibration;
        }
    }

    private Map<Integer, float[]> keyFactors(List<Sample> samples) throws Exception {
        ElasticModel model = ElasticGraph.of(bundle).cacheStatistics().write(next());
        Path ranges = folder.resolve("ranges.safetensors");
        OptionalLong image = PromptEncoder.imageToken(bundle.root());
        try (ElasticSession session = ElasticSession.open(model, threads)) {
            CacheStatistics measured = new CacheStatistics(model, session, token -> image.isPresent() && token == image.getAsLong(), new SplittableRandom(SEED));
            measured.addAll(samples, Batching.DEFAULT, done -> { });
            CacheRangeFile.write(ranges, bundle, measured, Map.of());
        }
        return CacheRangeFile.keyFactors(ranges, bundle);
    }

    private ElasticSession session(ElasticGraph graph) throws Exception {
        return ElasticSession.open(graph.cacheWidths(keyFactors).answerLogits().write(next()), 1);
    }

    private Path next() throws Exception {
        return Files.createDirectory(folder.resolve("graph-" + folders++));
    }

    /** Costs of plans of steps of 256. */
    ModelCost levelCost() {
        return new ModelCost(bundle.untouchedBytes(), shapes(), caches(), new Workload(1, 1024));
    }

    /** Costs of plans of the bank's versions. */
    ModelCost bankCost() {
        return new ModelCost(bundle.untouchedBytes(), shapes(), caches(), new Workload(1, 1024),
                shapes().stream().<NonzeroCounts>map(shape -> new BankCounts(shape, grid)).toList());
    }

    private List<WeightShape> shapes() {
        return bundle.weights().stream().map(w -> new WeightShape(w.id(), w.layer(), w.outputs(), w.inputs(), w.rows(), w.columns(), w.valueBytes(),
                bundle.zerosByOutputRow(w))).toList();
    }

    private List<CacheShape> caches() {
        return bundle.cacheLayers().stream().map(l -> new CacheShape(l.layer(), l.kvHeads(), l.headSize(), l.valueBytes(), l.groupSize(), l.widths())).toList();
    }

    List<Conversation> search() {
        return split.search();
    }

    List<Conversation> selection() {
        return split.selection();
    }

    List<Conversation> heldout() {
        return split.heldout();
    }

    /** A trial on Wanda's level maps: its divergence, or a lower bound above the limit. */
    double onLevels(ElasticPlan plan, List<Conversation> on, double limit) {
        return conversations.divergence(levels.with(plan), on, limit, threads);
    }

    /** A trial on the bank: its divergence, or a lower bound above the limit. */
    double onBank(ElasticPlan plan, List<Conversation> on, double limit) {
        return conversations.divergence(bank.with(plan), on, limit, threads);
    }

    /** Quality of a plan of the bank's versions, delivered as searched. */
    Quality asSearched(ElasticPlan plan, List<Conversation> on) {
        return conversations.quality(bank.with(plan), on, threads);
    }

    /** What Wanda's sequential pass makes of a plan of steps of 256. */
    Solved sequentialWanda(ElasticPlan plan) throws Exception {
        return solved(plan, new RankedWeights(PruningMethod.WANDA), Optional.empty());
    }

    /** What SparseGPT's sequential pass makes of a plan of steps of 256. */
    Solved sequentialSparseGpt(ElasticPlan plan) throws Exception {
        return solved(plan, new RepairedWeights(new OpenBlasAlgebra(threads)), Optional.empty());
    }

    /** What SparseGPT's sequential pass makes of a plan of the bank's versions. */
    Solved sequentialOfBank(ElasticPlan plan) throws Exception {
        return solved(plan, new RepairedWeights(new OpenBlasAlgebra(threads)), Optional.of(grid));
    }

    private Solved solved(ElasticPlan plan, LayerSolver solver, Optional<VersionGrid> of) throws Exception {
        Map<String, Matrix> weights = new SequentialPass(bundle, solver, plan, new RowZeros(of), keyFactors, Map.of(), threads, folder, (share, doing) -> { })
                .run(conversations.samples(split.search()));
        ElasticSession session = session(ElasticGraph.of(bundle).replaced(weights));
        return new Solved(session, new ElasticPlan(bundle.weights().stream().map(w -> WeightStep.DENSE).toList(), plan.keyBits(), plan.valueBits()));
    }

    /** Final weights of a plan, as they would be delivered. */
    final class Solved implements AutoCloseable {
        private final ElasticSession session;
        private final ElasticPlan plan;

        private Solved(ElasticSession session, ElasticPlan plan) {
            this.session = session;
            this.plan = plan;
        }

        Quality on(List<Conversation> set) {
            return conversations.quality(session.with(plan), set, threads);
        }

        @Override
        public void close() throws Exception {
            session.close();
        }
    }

    @Override
    public void close() throws Exception {
        levels.close();
        bank.close();
        try (var files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
