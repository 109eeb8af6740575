package dev.kogata.pruner;

import dev.kogata.core.prune.LevelMap;
import dev.kogata.core.prune.Matrix;
import dev.kogata.core.prune.PruningMethod;
import dev.kogata.kit.artifact.Artifacts;
import dev.kogata.kit.worker.TaskContext;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.elastic.LevelMapFile;
import dev.kogata.onnx.safetensors.Safetensors;
import dev.kogata.pruner.v1.BuildElasticWeightsRequest;
import dev.kogata.pruner.v1.BuildElasticWeightsResult;
import dev.kogata.pruner.v1.ElasticForm;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** Builds the level map of every weight, one weight in memory at a time. */
final class ElasticWeightsTask {
    private final TaskContext context;

    ElasticWeightsTask(TaskContext context) {
        this.context = context;
    }

    BuildElasticWeightsResult run(BuildElasticWeightsRequest request) throws IOException {
        PruningMethod method = PruneMessages.ranking(request.getMethod());
        Bundle bundle = Bundle.open(context.folder(request.getModel()));
        Path file = context.workFolder().resolve("elastic.safetensors");
        try (Safetensors statistics = Safetensors.open(context.file(request.getStatistics(), "statistics.safetensors"))) {
            LevelMapFile.write(file, bundle, Map.of("method", method.label()), weight -> {
                context.progress((double) bundle.weights().indexOf(weight) / bundle.weights().size(), "ranking " + weight.role() + " of layer " + weight.layer());
                float[] norms = new float[weight.inputs()];
                statistics.floats(weight.id(), 0, norms.length).get(norms);
                Matrix values = bundle.read(weight);
                return LevelMap.levels(values, method.scores(weight.id(), values, norms));
            });
        }
        return BuildElasticWeightsResult.newBuilder()
                .setElastic(context.artifacts().adopt(file, Artifacts.SAFETENSORS))
                .setForm(ElasticForm.LEVEL_MAP)
                .build();
    }
}
