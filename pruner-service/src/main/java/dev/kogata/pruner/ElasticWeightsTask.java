package dev.kogata.pruner;

import dev.kogata.core.budget.VersionGrid;
import dev.kogata.core.prune.LevelMap;
import dev.kogata.core.prune.Matrix;
import dev.kogata.core.prune.PruningMethod;
import dev.kogata.kit.artifact.Artifacts;
import dev.kogata.kit.worker.TaskContext;
import dev.kogata.onnx.algebra.OpenBlasAlgebra;
import dev.kogata.onnx.bundle.BankFile;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.bundle.Component;
import dev.kogata.onnx.elastic.LevelMapFile;
import dev.kogata.onnx.safetensors.Safetensors;
import dev.kogata.onnx.sample.Sample;
import dev.kogata.onnx.sample.SampleSetFile;
import dev.kogata.onnx.solve.Repair;
import dev.kogata.onnx.solve.RepairedBank;
import dev.kogata.pruner.v1.BuildElasticWeightsRequest;
import dev.kogata.pruner.v1.BuildElasticWeightsResult;
import dev.kogata.pruner.v1.ElasticForm;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Builds the elastic form of every weight, one weight in memory at a time: a bank for a method that repairs, where there is
 * room for one, else level maps.
 */
final class ElasticWeightsTask {
    /** Between fewer versions lie too large steps of sparsity: level maps are the better search then. */
    private static final int FEWEST_VERSIONS = 4;
    /** Of the room for a bank, what Hessians may take while it is built: they are gone before a search holds it. */
    private static final int HESSIAN_SHARE = 4;

    private final TaskContext context;
    private final int threads;
    private final long bankLimit;

    /** @param bankLimit bytes that a bank may take */
    ElasticWeightsTask(TaskContext context, int threads, long bankLimit) {
        this.context = context;
        this.threads = threads;
        this.bankLimit = bankLimit;
    }

    BuildElasticWeightsResult run(BuildElasticWeightsRequest request) throws Exception {
        Bundle bundle = Bundle.open(context.folder(request.getModel())).including(request.getIncludeList().stream().map(Component.Kind::of).toList());
        Path file = context.workFolder().resolve("elastic.safetensors");
        BuildElasticWeightsResult.Builder result = BuildElasticWeightsResult.newBuilder();
        if (!PruneMessages.asksForBank(request)) {
            levelMaps(request, bundle, file);
            return result.setForm(ElasticForm.LEVEL_MAP).setElastic(context.artifacts().adopt(file, Artifacts.SAFETENSORS)).build();
        }
        VersionGrid asked = new VersionGrid(request.getStepsList());
        result.setBankBytes(BankFile.bytes(bundle, asked.versions())).setBankLimitBytes(bankLimit);
        long versions = bankLimit / Math.max(1, BankFile.bytes(bundle, 1));
        if (versions < Math.min(FEWEST_VERSIONS, asked.versions())) {
            levelMaps(request, bundle, file);
            result.setForm(ElasticForm.LEVEL_MAP);
        } else {
            VersionGrid grid = asked.thinned((int) Math.min(versions, asked.versions()));
            List<Repair> repairs = bank(request, bundle, grid, file);
            for (int last = grid.versions() - 2; last < repairs.size(); last += grid.versions() - 1) {
                result.addRepairs(PruneMessages.repair(repairs.get(last)));
            }
            result.setForm(ElasticForm.BANK).addAllSteps(grid.steps());
        }
        return result.setElastic(context.artifacts().adopt(file, Artifacts.SAFETENSORS)).build();
    }

    private List<Repair> bank(BuildElasticWeightsRequest request, Bundle bundle, VersionGrid grid, Path file) throws Exception {
        List<Sample> samples = SampleSetFile.read(context.file(request.getSamples().getSamples(), "samples.safetensors"));
        return new RepairedBank(bundle, samples, grid, OpenBlasAlgebra.orPlain(threads), threads, context.workFolder(), context::progress)
                .write(file, bankLimit / HESSIAN_SHARE, Map.of("method", request.getMethod()));
    }

    private void levelMaps(BuildElasticWeightsRequest request, Bundle bundle, Path file) throws IOException {
        PruningMethod method = PruneMessages.ranking(request.getMethod());
        try (Safetensors statistics = Safetensors.open(context.file(request.getStatistics(), "statistics.safetensors"))) {
            LevelMapFile.write(file, bundle, Map.of("method", method.label()), weight -> {
                context.progress((double) bundle.weights().indexOf(weight) / bundle.weights().size(), "ranking " + weight.role() + " of layer " + weight.layer());
                float[] norms = new float[weight.inputs()];
                statistics.floats(weight.id(), 0, norms.length).get(norms);
                Matrix values = bundle.read(weight);
                return LevelMap.levels(values, method.scores(weight.id(), values, norms));
            });
        }
    }
}
