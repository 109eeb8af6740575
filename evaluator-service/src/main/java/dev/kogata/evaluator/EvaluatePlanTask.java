package dev.kogata.evaluator;

import dev.kogata.evaluator.v1.EvaluatePlanRequest;
import dev.kogata.evaluator.v1.EvaluatePlanResult;
import dev.kogata.kit.worker.TaskContext;

/** Measures one plan in the elastic graph: a forward pass over the samples, with a few bytes of input changed. */
final class EvaluatePlanTask {
    private final TaskContext context;
    private final ElasticDecoders decoders;
    private final SampleSets sets;
    private final int threads;

    EvaluatePlanTask(TaskContext context, ElasticDecoders decoders, SampleSets sets, int threads) {
        this.context = context;
        this.decoders = decoders;
        this.sets = sets;
        this.threads = threads;
    }

    EvaluatePlanResult run(EvaluatePlanRequest request) throws Exception {
        SampleSets.Prepared set = sets.get(request.getSamples(), context).spread(request.getMaximumConversations());
        PlanScoring scoring = new PlanScoring(set, threads, request.getStopAbove() > 0 ? request.getStopAbove() : Double.POSITIVE_INFINITY);
        long began = System.nanoTime();
        PlanScoring.Scored scored = decoders.with(request, context, decoder -> scoring.score(decoder, context::throwIfStopped));
        return EvaluatePlanResult.newBuilder()
                .setQuality(request.getByConversation() ? EvaluatorMessages.quality(scored.quality(), scored.conversations()) : EvaluatorMessages.quality(scored.quality()))
                .setStopped(scored.stopped())
                .setSeconds((System.nanoTime() - began) / 1e9)
                .build();
    }
}
