package dev.kogata.evaluator;

import ai.onnxruntime.OrtException;
import dev.kogata.common.v1.ElasticPlan;
import dev.kogata.evaluator.v1.EvaluatePlanRequest;
import dev.kogata.kit.worker.TaskContext;
import dev.kogata.onnx.bundle.BankFile;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.elastic.CacheRangeFile;
import dev.kogata.onnx.elastic.ElasticGraph;
import dev.kogata.onnx.elastic.ElasticModel;
import dev.kogata.onnx.elastic.ElasticSession;
import dev.kogata.onnx.elastic.LevelMapFile;
import dev.kogata.onnx.safetensors.Safetensors;
import dev.kogata.onnx.score.LogitsSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The elastic session of the search that this worker serves: one for all its trials, replaced when a task of another model
 * comes. Thread-safe; plans are measured one at a time, since one pass uses all threads already.
 */
final class ElasticDecoders {
    private String key;
    private Bundle bundle;
    private ElasticSession session;

    /** Works on the decoder under a plan. */
    @FunctionalInterface
    interface Work<A> {
        A on(LogitsSource decoder) throws Exception;
    }

    /** Runs {@code work} on the request's decoder under its plan; the session stays open for the next plan. */
    synchronized <A> A with(EvaluatePlanRequest request, TaskContext context, Work<A> work) throws Exception {
        String wanted = request.getModel().getSha256() + request.getElastic().getSha256() + request.getCalibration().getSha256();
        if (!wanted.equals(key)) {
            close();
            open(request, context);
            key = wanted;
        }
        ElasticPlan plan = request.getPlan();
        return work.on(session.with(EvaluatorMessages.plan(plan, bundle), EvaluatorMessages.nativeLayers(plan)));
    }

    private void open(EvaluatePlanRequest request, TaskContext context) throws IOException, OrtException {
        context.progress(0, "building the elastic graph");
        Path folder = Files.createDirectories(context.workFolder().resolve("elastic"));
        bundle = Bundle.open(context.folder(request.getModel()));
        Path calibration = context.file(request.getCalibration(), "calibration.safetensors");
        Path file = context.file(request.getElastic(), "elastic.safetensors");
        try (Safetensors elastic = Safetensors.open(file)) {
            ElasticGraph graph = ElasticGraph.of(bundle);
            ElasticModel model = (BankFile.isBank(elastic) ? graph.bank(file) : graph.levels(LevelMapFile.stored(elastic, bundle)))
                    .cacheWidths(CacheRangeFile.keyFactors(calibration, bundle))
                    .nativeCaches(CacheRangeFile.nativeScales(calibration, bundle))
                    .answerLogits()
                    .write(folder);
            // One thread a pass: the scorer runs as many passes at once as there are threads, which small models gain most from.
            session = ElasticSession.open(model, 1);
        }
    }

    private void close() throws OrtException {
        if (session != null) {
            session.close();
            session = null;
            bundle = null;
            key = null;
        }
    }
}
