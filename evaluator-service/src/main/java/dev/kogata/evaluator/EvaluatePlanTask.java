package dev.kogata.evaluator;

import dev.kogata.core.quality.Quality;
import dev.kogata.evaluator.v1.EvaluatePlanRequest;
import dev.kogata.evaluator.v1.EvaluatePlanResult;
import dev.kogata.kit.worker.TaskContext;
import dev.kogata.onnx.score.Batching;
import dev.kogata.onnx.score.Scorer;

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
        SampleSets.Prepared set = sets.get(request.getSamples(), context);
        Quality quality = decoders.with(request, context, decoder ->
                new Scorer(set.samples(), set.reference(), Batching.DEFAULT, threads).quality(decoder, (sample, logits, dense) -> context.throwIfStopped()));
        return EvaluatePlanResult.newBuilder().setQuality(EvaluatorMessages.quality(quality)).build();
    }
}
