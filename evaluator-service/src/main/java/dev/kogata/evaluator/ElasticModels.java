package dev.kogata.evaluator;

import ai.onnxruntime.OrtException;
import dev.kogata.common.v1.ElasticPlan;
import dev.kogata.common.v1.ElasticWeightPlan;
import dev.kogata.evaluator.v1.EvaluatePlanRequest;
import dev.kogata.kit.worker.TaskContext;
import dev.kogata.onnx.bundle.BankFile;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.bundle.Component;
import dev.kogata.onnx.elastic.CacheRangeFile;
import dev.kogata.onnx.elastic.ElasticEncoder;
import dev.kogata.onnx.elastic.ElasticGraph;
import dev.kogata.onnx.elastic.ElasticModel;
import dev.kogata.onnx.elastic.ElasticSession;
import dev.kogata.onnx.elastic.LevelMapFile;
import dev.kogata.onnx.safetensors.Safetensors;
import dev.kogata.onnx.sample.ProjectedFeatures;
import dev.kogata.onnx.score.FeatureSource;
import dev.kogata.onnx.score.LogitsSource;
import dev.kogata.onnx.score.SeeingDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The elastic session of the search that this worker serves, of a decoder or of a vision encoder alone: one for all its trials, replaced when a
 * task of another model comes. Thread-safe; plans are measured one at a time, since one pass uses all threads already.
 */
final class ElasticModels {
    private String key;
    private Bundle bundle;
    private ElasticSession session;
    private ElasticEncoder encoder;
    private ProjectedFeatures projected;

    /** Works on the model under a plan. */
    @FunctionalInterface
    interface Work<S, A> {
        A on(S model) throws Exception;
    }

    /** Runs {@code work} on the request's decoder under its plan; the session stays open for the next plan. */
    synchronized <A> A with(EvaluatePlanRequest request, TaskContext context, Work<LogitsSource, A> work) throws Exception {
        opened(request, context);
        ElasticPlan plan = request.getPlan();
        var steps = EvaluatorMessages.plan(plan, bundle);
        LogitsSource decoder = session.with(steps, EvaluatorMessages.nativeLayers(plan));
        return work.on(encoder == null ? decoder : new SeeingDecoder(decoder, projected.of(encoder.with(steps))));
    }

    /** The same on a vision encoder alone. */
    synchronized <A> A features(EvaluatePlanRequest request, TaskContext context, Work<FeatureSource, A> work) throws Exception {
        opened(request, context);
        return work.on(encoder.with(EvaluatorMessages.plan(request.getPlan(), bundle)));
    }

    private void opened(EvaluatePlanRequest request, TaskContext context) throws IOException, OrtException {
        String wanted = request.getModel().getSha256() + request.getElastic().getSha256() + request.getCalibration().getSha256();
        if (!wanted.equals(key)) {
            close();
            open(request, context);
            key = wanted;
        }
    }

    private void open(EvaluatePlanRequest request, TaskContext context) throws IOException, OrtException {
        context.progress(0, "building the elastic graph");
        Path folder = Files.createDirectories(context.workFolder().resolve("elastic"));
        bundle = Bundle.open(context.folder(request.getModel())).covering(request.getPlan().getWeightsList().stream().map(ElasticWeightPlan::getWeight).toList());
        Path calibration = context.file(request.getCalibration(), "calibration.safetensors");
        Path file = context.file(request.getElastic(), "elastic.safetensors");
        try (Safetensors elastic = Safetensors.open(file)) {
            boolean decodes = bundle.decoder().isPresent();
            if (!decodes || bundle.sees()) {
                ElasticGraph seeing = elastic(ElasticGraph.of(bundle, bundle.model(Component.Kind.VISION_ENCODER).orElseThrow()), elastic, file);
                encoder = ElasticEncoder.open(seeing.features().write(Files.createDirectories(folder.resolve("encoder"))), 1);
                projected = ProjectedFeatures.open(bundle, 1);
            }
            if (!decodes) {
                return;
            }
            ElasticModel model = elastic(ElasticGraph.of(bundle), elastic, file).cacheWidths(CacheRangeFile.keyFactors(calibration, bundle))
                    .nativeCaches(CacheRangeFile.nativeScales(calibration, bundle))
                    .answerLogits()
                    .write(folder);
            // One thread a pass: the scorer runs as many passes at once as there are threads, which small models gain most from.
            session = ElasticSession.open(model, 1);
        }
    }

    private ElasticGraph elastic(ElasticGraph graph, Safetensors elastic, Path file) throws IOException {
        return BankFile.isBank(elastic) ? graph.bank(file) : graph.levels(LevelMapFile.stored(elastic, bundle));
    }

    private void close() throws OrtException {
        if (session != null) {
            session.close();
        }
        if (encoder != null) {
            encoder.close();
        }
        if (projected != null) {
            projected.close();
        }
        session = null;
        encoder = null;
        projected = null;
        bundle = null;
        key = null;
    }
}
