package dev.kogata.evaluator;

import dev.kogata.evaluator.v1.EvaluateBundleRequest;
import dev.kogata.evaluator.v1.EvaluateBundleResult;
import dev.kogata.kit.worker.TaskContext;
import dev.kogata.onnx.bundle.Bundle;

/** Measures a written bundle, to choose between finalists. */
final class EvaluateBundleTask {
    private final TaskContext context;
    private final SampleSets sets;
    private final int threads;

    EvaluateBundleTask(TaskContext context, SampleSets sets, int threads) {
        this.context = context;
        this.sets = sets;
        this.threads = threads;
    }

    EvaluateBundleResult run(EvaluateBundleRequest request) throws Exception {
        Bundle original = Bundle.open(context.folder(request.getModel()));
        DeliveredBundle delivered = new DeliveredBundle(context, original, context.folder(request.getFiles()), threads);
        if (request.getSamples().getPictures() > 0) {
            return EvaluateBundleResult.newBuilder().setQuality(EvaluatorMessages.quality(delivered.features(sets.get(request.getSamples(), context)), true)).build();
        }
        DeliveredBundle.Measured measured = delivered.measure(sets.get(request.getSamples(), context));
        return EvaluateBundleResult.newBuilder()
                .setQuality(EvaluatorMessages.quality(measured.quality(), measured.conversations()))
                .addAllChangedAnswers(EvaluatorMessages.changed(measured.changed()))
                .build();
    }
}
