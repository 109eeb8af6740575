package dev.kogata.quantizer;

import dev.kogata.kit.artifact.Artifacts;
import dev.kogata.kit.worker.TaskContext;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.elastic.CacheRangeFile;
import dev.kogata.onnx.elastic.Calibration;
import dev.kogata.onnx.elastic.ElasticGraph;
import dev.kogata.onnx.elastic.ElasticModel;
import dev.kogata.onnx.elastic.ElasticSession;
import dev.kogata.onnx.sample.Sample;
import dev.kogata.onnx.sample.SampleSetFile;
import dev.kogata.onnx.score.Batching;
import dev.kogata.quantizer.v1.CalibrateCacheRequest;
import dev.kogata.quantizer.v1.CalibrateCacheResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Measures how large keys and values get, by layer, head and channel, in one pass of the dense model over the samples. */
final class CalibrateTask {
    private final TaskContext context;
    private final int threads;

    CalibrateTask(TaskContext context, int threads) {
        this.context = context;
        this.threads = threads;
    }

    CalibrateCacheResult run(CalibrateCacheRequest request) throws Exception {
        Bundle bundle = Bundle.open(context.folder(request.getModel()));
        Path graph = Files.createDirectories(context.workFolder().resolve("graph"));
        Path file = context.workFolder().resolve("calibration.safetensors");
        ElasticModel model = ElasticGraph.of(bundle).cacheRanges().write(graph);
        List<Sample> samples = SampleSetFile.read(context.file(request.getSamples().getSamples(), "samples.safetensors"));
        try (ElasticSession session = ElasticSession.open(model, threads)) {
            Calibration calibration = new Calibration(model, session);
            calibration.addAll(samples, Batching.DEFAULT, done -> context.progress((double) done / samples.size(), "measuring keys and values"));
            CacheRangeFile.write(file, bundle, calibration);
        }
        return CalibrateCacheResult.newBuilder().setCalibration(context.artifacts().adopt(file, Artifacts.SAFETENSORS)).build();
    }
}
