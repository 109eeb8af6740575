package dev.kogata.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.kogata.common.v1.Artifact;
import dev.kogata.common.v1.CacheLayerPlan;
import dev.kogata.common.v1.ElasticPlan;
import dev.kogata.common.v1.ElasticWeightPlan;
import dev.kogata.common.v1.Quality;
import dev.kogata.common.v1.Workload;
import dev.kogata.core.RefusedInput;
import dev.kogata.evaluator.EvaluatorWorker;
import dev.kogata.evaluator.v1.EvaluateBundleRequest;
import dev.kogata.evaluator.v1.EvaluateBundleResult;
import dev.kogata.evaluator.v1.EvaluatePlanRequest;
import dev.kogata.evaluator.v1.EvaluatePlanResult;
import dev.kogata.kit.artifact.FolderArtifactStore;
import dev.kogata.kit.artifact.Manifests;
import dev.kogata.kit.worker.HandlerRun;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.bundle.WeightMatrix;
import dev.kogata.onnx.format.Onnx.ModelProto;
import dev.kogata.profiler.ProfilerWorker;
import dev.kogata.profiler.v1.ProfileModelRequest;
import dev.kogata.profiler.v1.ProfileModelResult;
import dev.kogata.pruner.PrunerWorker;
import dev.kogata.pruner.v1.BuildElasticWeightsRequest;
import dev.kogata.pruner.v1.BuildElasticWeightsResult;
import dev.kogata.pruner.v1.ElasticForm;
import dev.kogata.pruner.v1.FinalPass;
import dev.kogata.pruner.v1.PruneWeightsRequest;
import dev.kogata.pruner.v1.PruneWeightsResult;
import dev.kogata.pruner.v1.WeightRepair;
import dev.kogata.quantizer.QuantizerWorker;
import dev.kogata.quantizer.v1.CalibrateCacheRequest;
import dev.kogata.quantizer.v1.CalibrateCacheResult;
import dev.kogata.quantizer.v1.WriteBundleRequest;
import dev.kogata.quantizer.v1.WriteBundleResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The tasks of all services, one after the other as a job runs them, on the two-layer model: what one service writes, the
 * next one reads. Without mesh, so that arithmetic is not tested through a network.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WorkerTasksTest {
    private static final Path ROOT = Path.of(System.getProperty("kogata.root"));
    private static final int THREADS = 2;

    @TempDir static Path folder;
    private HandlerRun runs;
    private Bundle bundle;
    private Artifact model;
    private ProfileModelResult profile;
    private Artifact elastic;
    private Artifact calibration;
    private final EvaluatorWorker evaluator = new EvaluatorWorker(THREADS);

    @BeforeAll
    void prepare() throws Exception {
        prepare("nano-optimum", 24);
    }

    private void prepare(String layout, int conversations) throws Exception {
        FolderArtifactStore store = new FolderArtifactStore(folder.resolve(layout + "/artifacts"), true);
        Manifests manifests = new Manifests(store);
        runs = new HandlerRun(store, folder.resolve(layout + "/work"));
        Path nano = ROOT.resolve("onnx/src/test/resources/models/" + layout);
        bundle = Bundle.open(nano);
        model = manifests.store(nano);
        Artifact data = manifests.store(firstConversations(conversations));
        profile = runs.run(new ProfilerWorker(THREADS),
                ProfileModelRequest.newBuilder().setModel(model).setCalibration(data).setSeed(7).build(), ProfileModelResult.class);
        elastic = runs.run(new PrunerWorker(THREADS, 1L << 30),
                BuildElasticWeightsRequest.newBuilder().setModel(model).setStatistics(profile.getStatistics()).setMethod("wanda").build(),
                BuildElasticWeightsResult.class).getElastic();
        calibration = runs.run(new QuantizerWorker(THREADS),
                CalibrateCacheRequest.newBuilder().setModel(model).setSamples(profile.getSearch()).build(), CalibrateCacheResult.class).getCalibration();
    }

    private static Path firstConversations(int count) throws IOException {
        Path data = ROOT.resolve("demo/data");
        Path folder = Files.createTempDirectory("kogata-data");
        List<String> lines;
        try (var all = Files.lines(data.resolve("calibration.jsonl"))) {
            lines = all.limit(count).toList();
        }
        Files.createDirectories(folder.resolve("images"));
        for (String line : lines) {
            Matcher image = Pattern.compile("\"(images/[^\"]+)\"").matcher(line);
            while (image.find()) {
                Files.copy(data.resolve(image.group(1)), folder.resolve(image.group(1)));
            }
        }
        Files.write(folder.resolve("data.jsonl"), lines);
        return folder;
    }

    private ElasticPlan plan(int step, int rowsAtNextStep, int keyBits, int valueBits) {
        ElasticPlan.Builder plan = ElasticPlan.newBuilder();
        bundle.weights().forEach(w -> plan.addWeights(ElasticWeightPlan.newBuilder().setWeight(w.id()).setStep(step).setRowsAtNextStep(rowsAtNextStep)));
        bundle.cacheLayers().forEach(l -> plan.addLayers(CacheLayerPlan.newBuilder().setLayer(l.layer()).setKeyBits(keyBits).setValueBits(valueBits)));
        return plan.build();
    }

    private Quality searched(ElasticPlan plan) throws Exception {
        return runs.run(evaluator, EvaluatePlanRequest.newBuilder().setModel(model).setElastic(elastic).setCalibration(calibration)
                .setSamples(profile.getSelection()).setPlan(plan).build(), EvaluatePlanResult.class).getQuality();
    }

    private PruneWeightsResult pruned(ElasticPlan plan, FinalPass pass) throws Exception {
        return runs.run(new PrunerWorker(THREADS, 1L << 30), PruneWeightsRequest.newBuilder().setModel(model).setElastic(elastic)
                .setCalibration(calibration).setPlan(plan).setFinalPass(pass).setSamples(profile.getSearch()).setMethod("wanda").build(),
                PruneWeightsResult.class);
    }

    private WriteBundleResult written(ElasticPlan plan, FinalPass pass) throws Exception {
        Artifact weights = pruned(plan, pass).getWeights();
        return runs.run(new QuantizerWorker(THREADS), WriteBundleRequest.newBuilder().setModel(model).setWeights(weights).setCalibration(calibration)
                .setPlan(plan).setWorkload(Workload.newBuilder().setBatch(1).setContext(256)).build(), WriteBundleResult.class);
    }

    private Quality delivered(WriteBundleResult written) throws Exception {
        return runs.run(evaluator, EvaluateBundleRequest.newBuilder().setFiles(written.getFiles()).setModel(model)
                .setSamples(profile.getSelection()).build(), EvaluateBundleResult.class).getQuality();
    }

    private BuildElasticWeightsResult bank(long limit) throws Exception {
        return runs.run(new PrunerWorker(THREADS, limit), BuildElasticWeightsRequest.newBuilder().setModel(model).setStatistics(profile.getStatistics())
                .setMethod("sparsegpt").setSamples(profile.getSearch()).addAllSteps(List.of(0, 77, 115, 141, 166, 184, 205, 225)).build(), BuildElasticWeightsResult.class);
    }

    @Test
    void aBankServesSearchAndBothFinalPassesAtTheSameBytes() throws Exception {
        BuildElasticWeightsResult built = bank(1L << 30);
        assertThat(built.getForm()).isEqualTo(ElasticForm.BANK);
        assertThat(built.getRepairsList()).extracting(WeightRepair::getWeight).containsExactlyInAnyOrderElementsOf(bundle.weights().stream().map(WeightMatrix::id).toList());
        Artifact levelMaps = elastic;
        elastic = built.getElastic();
        try {
            assertThat(searched(plan(0, 0, 0, 0)).getKl()).isCloseTo(0, within(1e-9));
            ElasticPlan plan = plan(4, 17, 4, 3);
            WriteBundleResult asSearched = written(plan, FinalPass.AS_SEARCHED), repaired = written(plan, FinalPass.SEQUENTIAL_REPAIRED);
            assertThat(delivered(asSearched).getKl()).isCloseTo(searched(plan).getKl(), within(1e-6));
            assertThat(repaired.getTotalBytes()).isEqualTo(asSearched.getTotalBytes());
            assertThat(repaired.getWeightsList()).isEqualTo(asSearched.getWeightsList());
        } finally {
            elastic = levelMaps;
        }
    }

    @Test
    void withLessMemoryABankHasFewerVersionsAndWithHardlyAnyItIsLevelMaps() throws Exception {
        long weights = bundle.weights().stream().mapToLong(WeightMatrix::bytes).sum();
        BuildElasticWeightsResult fewer = bank(5 * weights);
        assertThat(fewer.getStepsList()).hasSize(5).startsWith(0).endsWith(225);
        BuildElasticWeightsResult none = bank(3 * weights);
        assertThat(none.getForm()).isEqualTo(ElasticForm.LEVEL_MAP);
        assertThat(none.getStepsList()).isEmpty();
        assertThat(none.getBankBytes()).isEqualTo(8 * weights);
        assertThat(none.getBankLimitBytes()).isEqualTo(3 * weights);
    }

    @Test
    void setsAreDisjointAndTheDenseModelHasNoDivergence() throws Exception {
        assertThat(profile.getSearch().getConversations() + profile.getSelection().getConversations() + profile.getHeldout().getConversations()).isEqualTo(24);
        assertThat(profile.getSearch().getWithImages()).isPositive();
        assertThat(searched(plan(0, 0, 0, 0)).getKl()).isCloseTo(0, within(1e-9));
    }

    @Test
    void bundleAsSearchedHasTheLossOfItsTrial() throws Exception {
        for (int bits : new int[] {2, 3, 4, 6, 8}) {
            ElasticPlan plan = plan(100, 5, bits, bits);
            double trial = searched(plan).getKl();
            assertThat(trial).isPositive();
            assertThat(delivered(written(plan, FinalPass.AS_SEARCHED)).getKl()).as("%d bits", bits).isCloseTo(trial, within(1e-6 + 1e-3 * trial));
        }
    }

    @Test
    void sequentialPassKeepsTheBytesOfThePlan() throws Exception {
        ElasticPlan plan = plan(140, 3, 4, 3);
        WriteBundleResult searched = written(plan, FinalPass.AS_SEARCHED), sequential = written(plan, FinalPass.SEQUENTIAL);
        assertThat(sequential.getTotalBytes()).isEqualTo(searched.getTotalBytes());
        assertThat(sequential.getWeightsList()).isEqualTo(searched.getWeightsList());
        assertThat(sequential.getFiles()).isNotEqualTo(searched.getFiles());
        assertThat(delivered(sequential).getKl()).isPositive();
    }

    @Test
    void repairedPassKeepsTheBytesOfThePlanAndSaysHowItRepaired() throws Exception {
        ElasticPlan plan = plan(140, 3, 4, 3);
        PruneWeightsResult weights = pruned(plan, FinalPass.SEQUENTIAL_REPAIRED);
        assertThat(weights.getRepairsList()).extracting(WeightRepair::getWeight).containsExactlyElementsOf(bundle.weights().stream().map(WeightMatrix::id).toList());
        assertThat(weights.getRepairsList()).allSatisfy(repair -> {
            assertThat(repair.getDamping()).isEqualTo(0.01);
            assertThat(repair.getLoss()).isPositive();
        });
        assertThat(pruned(plan, FinalPass.SEQUENTIAL_REPAIRED)).as("made again").isEqualTo(weights);
        WriteBundleResult searched = written(plan, FinalPass.AS_SEARCHED), repaired = written(plan, FinalPass.SEQUENTIAL_REPAIRED);
        assertThat(repaired.getTotalBytes()).isEqualTo(searched.getTotalBytes());
        assertThat(repaired.getWeightsList()).isEqualTo(searched.getWeightsList());
        assertThat(repaired.getFiles()).isNotEqualTo(searched.getFiles());
        assertThat(delivered(repaired).getKl()).isPositive();
    }

    @Test
    void sameTrialTwiceHasTheSameLossBitForBit() throws Exception {
        assertThat(searched(plan(90, 1, 3, 2)).getKl()).isEqualTo(searched(plan(90, 1, 3, 2)).getKl());
    }

    /** With a sequential pass, since it measures inputs under a plan too, and repaired weights in a file of the layout's own. */
    @ParameterizedTest
    @ValueSource(strings = {"nano-dynamo", "nano-attention", "nano-genai", "nano-merged_if", "nano-float16"})
    void everyLayoutGoesThroughAllTasks(String layout) throws Exception {
        WorkerTasksTest own = new WorkerTasksTest();
        own.prepare(layout, 12);
        ElasticPlan plan = own.plan(100, 5, 4, 3);
        double trial = own.searched(plan).getKl();
        assertThat(trial).isPositive();
        WriteBundleResult searched = own.written(plan, FinalPass.AS_SEARCHED), repaired = own.written(plan, FinalPass.SEQUENTIAL_REPAIRED);
        double noise = layout.equals("nano-float16") ? 2e-2 : 1e-3;
        assertThat(own.delivered(searched).getKl()).isCloseTo(trial, within(1e-6 + noise * trial));
        assertThat(repaired.getTotalBytes()).isEqualTo(searched.getTotalBytes());
        assertThat(own.delivered(repaired).getKl()).isPositive();
    }

    @Test
    void aDecoderThatOnnxRuntimeCannotRunIsRefused() throws Exception {
        Path broken = folder.resolve("broken");
        Path nano = ROOT.resolve("onnx/src/test/resources/models/nano-attention");
        try (var files = Files.walk(nano)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.createDirectories(broken.resolve(nano.relativize(file)).getParent());
                Files.copy(file, broken.resolve(nano.relativize(file)));
            }
        }
        Path decoder = broken.resolve("onnx/decoder_model_merged.onnx");
        ModelProto.Builder model = ModelProto.parseFrom(Files.readAllBytes(decoder)).toBuilder();
        // Heads are not brought in front of the tokens any more: no shape fits the next one.
        model.getGraphBuilder().getNodeBuilderList().stream().filter(n -> n.getOpType().equals("Transpose")).flatMap(n -> n.getAttributeBuilderList().stream())
                .forEach(a -> a.setInts(1, 1).setInts(2, 2));
        Files.write(decoder, model.build().toByteArray());
        Artifact unrunnable = new Manifests(new FolderArtifactStore(folder.resolve("nano-optimum/artifacts"), true)).store(broken);
        ProfileModelRequest request = ProfileModelRequest.newBuilder().setModel(unrunnable)
                .setCalibration(new Manifests(new FolderArtifactStore(folder.resolve("nano-optimum/artifacts"), true)).store(firstConversations(12))).setSeed(7).build();
        assertThatThrownBy(() -> runs.run(new ProfilerWorker(THREADS), request, ProfileModelResult.class)).isInstanceOf(RefusedInput.class)
                .hasMessageContaining("cannot run the decoder").hasMessageNotContaining(folder.toString());
    }
}
