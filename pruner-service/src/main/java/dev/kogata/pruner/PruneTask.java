package dev.kogata.pruner;

import dev.kogata.common.v1.ElasticWeightPlan;
import dev.kogata.core.budget.ElasticPlan;
import dev.kogata.core.budget.VersionGrid;
import dev.kogata.core.budget.WeightStep;
import dev.kogata.core.prune.LevelMap;
import dev.kogata.core.prune.Matrix;
import dev.kogata.kit.artifact.Artifacts;
import dev.kogata.kit.error.KogataException;
import dev.kogata.kit.worker.TaskContext;
import dev.kogata.onnx.algebra.OpenBlasAlgebra;
import dev.kogata.onnx.bundle.BankFile;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.bundle.WeightFile;
import dev.kogata.onnx.bundle.WeightMatrix;
import dev.kogata.onnx.elastic.CacheRangeFile;
import dev.kogata.onnx.elastic.LevelMapFile;
import dev.kogata.onnx.graph.NativeScales;
import dev.kogata.onnx.safetensors.Safetensors;
import dev.kogata.onnx.sample.Sample;
import dev.kogata.onnx.sample.SampleSetFile;
import dev.kogata.onnx.solve.LayerSolver;
import dev.kogata.onnx.solve.RankedWeights;
import dev.kogata.onnx.solve.RepairedWeights;
import dev.kogata.onnx.solve.RowZeros;
import dev.kogata.onnx.solve.SequentialPass;
import dev.kogata.pruner.v1.PruneWeightsRequest;
import dev.kogata.pruner.v1.PruneWeightsResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes the final weights of one plan: those that the search measured, or new ones with the same counts of zeros, layer by layer. */
final class PruneTask {
    private final TaskContext context;
    private final int threads;

    PruneTask(TaskContext context, int threads) {
        this.context = context;
        this.threads = threads;
    }

    PruneWeightsResult run(PruneWeightsRequest request) throws Exception {
        Bundle bundle = Bundle.open(context.folder(request.getModel())).covering(request.getPlan().getWeightsList().stream().map(ElasticWeightPlan::getWeight).toList());
        ElasticPlan plan = PruneMessages.plan(request.getPlan(), bundle);
        Map<String, WeightStep> steps = new HashMap<>();
        for (int i = 0; i < bundle.weights().size(); i++) {
            steps.put(bundle.weights().get(i).id(), plan.weights().get(i));
        }
        Path file = context.workFolder().resolve("weights.safetensors");
        PruneWeightsResult.Builder result = PruneWeightsResult.newBuilder();
        Path elasticFile = context.file(request.getElastic(), "elastic.safetensors");
        Optional<VersionGrid> bank = bank(elasticFile);
        switch (request.getFinalPass()) {
            case AS_SEARCHED -> {
                if (bank.isPresent()) {
                    try (BankFile versions = BankFile.open(elasticFile)) {
                        WeightFile.write(file, bundle, weight -> versions.rows(weight, steps.get(weight.id())));
                    }
                } else {
                    try (Safetensors elastic = Safetensors.open(elasticFile)) {
                        WeightFile.write(file, bundle, weight -> asSearched(bundle, elastic, weight, steps.get(weight.id())));
                    }
                }
            }
            case SEQUENTIAL -> sequential(request, bundle, plan, bank, new RankedWeights(PruneMessages.ranking(request.getMethod())), file);
            case SEQUENTIAL_REPAIRED -> {
                RepairedWeights repaired = new RepairedWeights(OpenBlasAlgebra.orPlain(threads));
                sequential(request, bundle, plan, bank, repaired, file);
                repaired.repairs().forEach(repair -> result.addRepairs(PruneMessages.repair(repair)));
            }
            case FINAL_PASS_UNSPECIFIED, UNRECOGNIZED -> throw KogataException.invalid("final_pass", "The final pass is not known to this pruner.");
        }
        return result.setWeights(context.artifacts().adopt(file, Artifacts.SAFETENSORS)).build();
    }

    /** The versions of elastic weights that are a bank. */
    private static Optional<VersionGrid> bank(Path elastic) throws IOException {
        try (Safetensors file = Safetensors.open(elastic)) {
            if (!BankFile.isBank(file)) {
                return Optional.empty();
            }
        }
        try (BankFile versions = BankFile.open(elastic)) {
            return Optional.of(versions.grid());
        }
    }

    private void sequential(PruneWeightsRequest request, Bundle bundle, ElasticPlan plan, Optional<VersionGrid> bank, LayerSolver solver, Path file) throws Exception {
        Path calibration = context.file(request.getCalibration(), "calibration.safetensors");
        Map<Integer, List<NativeScales>> natives = CacheRangeFile.nativeScales(calibration, bundle);
        natives.keySet().retainAll(PruneMessages.nativeLayers(request.getPlan()));
        List<Sample> samples = SampleSetFile.read(context.file(request.getSamples().getSamples(), "samples.safetensors"));
        Map<String, Matrix> pruned = new SequentialPass(bundle, solver, plan, new RowZeros(bank), CacheRangeFile.keyFactors(calibration, bundle), natives, threads, context.workFolder(), context::progress).run(samples);
        WeightFile.write(file, bundle, weight -> pruned.get(weight.id()));
    }

    private Matrix asSearched(Bundle bundle, Safetensors elastic, WeightMatrix weight, WeightStep step) throws IOException {
        context.progress((double) bundle.weights().indexOf(weight) / bundle.weights().size(), "pruning " + weight.role() + " of layer " + weight.layer());
        return LevelMap.apply(bundle.read(weight), LevelMapFile.outputMajor(elastic, weight), step.step(), step.rowsAtNextStep());
    }
}
