package dev.kogata.evaluator;

import dev.kogata.core.quality.FeatureQuality;
import dev.kogata.evaluator.v1.EvaluatePlanRequest;
import dev.kogata.evaluator.v1.EvaluatePlanResult;
import dev.kogata.kit.worker.TaskContext;
import dev.kogata.onnx.score.FeatureScorer;

/** Measures one plan in the elastic graph: a forward pass over the samples, with a few bytes of input changed. */
final class EvaluatePlanTask {
    private final TaskContext context;
    private final ElasticModels models;
    private final SampleSets sets;
    private final int threads;

    EvaluatePlanTask(TaskContext context, ElasticModels models, SampleSets sets, int threads) {
        this.context = context;
        this.models = models;
        this.sets = sets;
        this.threads = threads;
    }

    EvaluatePlanResult run(EvaluatePlanRequest request) throws Exception {
        SampleSets.Prepared set = sets.get(request.getSamples(), context).spread(request.getMaximumConversations());
        double limit = request.getStopAbove() > 0 ? request.getStopAbove() : Double.POSITIVE_INFINITY;
        long began = System.nanoTime();
        if (request.getSamples().getPictures() > 0) {
            return features(request, set, limit, began);
        }
        PlanScoring scoring = new PlanScoring(set, threads, limit);
        PlanScoring.Scored scored = models.with(request, context, decoder -> scoring.score(decoder, context::throwIfStopped));
        return EvaluatePlanResult.newBuilder()
                .setQuality(request.getByConversation() ? EvaluatorMessages.quality(scored.quality(), scored.conversations()) : EvaluatorMessages.quality(scored.quality()))
                .setStopped(scored.stopped())
                .setSeconds((System.nanoTime() - began) / 1e9)
                .build();
    }

    /** Of a vision encoder alone. */
    private EvaluatePlanResult features(EvaluatePlanRequest request, SampleSets.Prepared set, double limit, long began) throws Exception {
        FeatureQuality measured = models.features(request, context, encoder -> new FeatureScorer(set.samples(), set.reference(), threads)
                .quality(encoder, context::throwIfStopped, limit));
        // The last picture may be the one that was too much: then all are measured, and nothing was given up.
        boolean stopped = measured.byPicture().size() < set.samples().size();
        return EvaluatePlanResult.newBuilder()
                .setQuality(stopped ? EvaluatorMessages.quality(measured, set.samples().size()) : EvaluatorMessages.quality(measured, request.getByConversation()))
                .setStopped(stopped)
                .setSeconds((System.nanoTime() - began) / 1e9)
                .build();
    }
}
