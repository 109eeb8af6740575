package dev.kogata.evaluator;

import dev.kogata.common.v1.Reason;
import dev.kogata.evaluator.v1.VerifyResultRequest;
import dev.kogata.evaluator.v1.VerifyResultResult;
import dev.kogata.kit.error.KogataException;
import dev.kogata.kit.worker.TaskContext;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.bundle.Component;
import dev.kogata.onnx.measure.MeasureRequest;
import dev.kogata.onnx.measure.MeasuredProcess;
import dev.kogata.onnx.measure.Measurement;
import dev.kogata.onnx.prompt.PromptEncoder;
import dev.kogata.onnx.sample.Sample;
import dev.kogata.onnx.sparse.Recount;
import dev.kogata.onnx.sparse.ResultVerification;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The last check before a job succeeds, on the very files that are delivered: counts against the plan, and the original and
 * the result each in a fresh process of stock ONNX Runtime. What does not hold fails the job.
 */
final class VerifyTask {
    private static final Duration LIMIT = Duration.ofHours(2);
    private static final int DEFAULT_DECODED = 32;
    /** Float noise between two orders of the same sums, relative to the loss; and its floor for tiny losses, in nats. */
    private static final double RELATIVE_NOISE = 1e-3;
    private static final double NOISE = 1e-6;

    private final TaskContext context;
    private final SampleSets sets;
    private final int threads;

    VerifyTask(TaskContext context, SampleSets sets, int threads) {
        this.context = context;
        this.sets = sets;
        this.threads = threads;
    }

    VerifyResultResult run(VerifyResultRequest request) throws Exception {
        Path result = context.folder(request.getFiles());
        context.progress(0, "recounting the delivered files");
        Recount recount = ResultVerification.verify(result);
        if (!recount.wrong().isEmpty()) {
            throw failed("The delivered files do not hold what their plan says: " + recount.wrong().get(0) + ".");
        }
        Bundle original = Bundle.open(context.folder(request.getModel()));
        Path heldout = context.file(request.getHeldout().getSamples(), "heldout-samples.safetensors");
        List<MeasureRequest.Set> measured = List.of(
                new MeasureRequest.Set("heldout", heldout.toString(), context.file(request.getHeldout().getReference(), "heldout-reference.safetensors").toString()),
                new MeasureRequest.Set("selection", context.file(request.getSelection().getSamples(), "selection-samples.safetensors").toString(),
                        context.file(request.getSelection().getReference(), "selection-reference.safetensors").toString()));
        if (request.getHeldout().getPictures() > 0) {
            return encoder(request, original, result, heldout, measured, recount);
        }
        int decoded = request.getDecodeTokens() == 0 ? DEFAULT_DECODED : request.getDecodeTokens();
        int prompt = request.getPromptTokens() == 0 ? promptTokens(original, sets.get(request.getHeldout(), context), decoded) : request.getPromptTokens();
        context.progress(0.1, "measuring the original in a fresh process");
        Measurement dense = measure(original, original.root(), prompt, decoded, heldout, List.of(), false);
        context.progress(0.5, "measuring the result in a fresh process");
        boolean seeing = sets.get(request.getHeldout(), context).samples().stream().anyMatch(sample -> !sample.images().isEmpty());
        Measurement delivered = measure(original, result.resolve("bundle"), prompt, decoded, heldout, measured, seeing);
        Map<String, dev.kogata.core.quality.Quality> qualities = delivered.qualities();
        checkSelected("the loss", request.getSelectedKl(), qualities.get("selection").kl());
        if (!delivered.stepsAgree()) {
            throw failed("Step-by-step decoding of the result differs from prefill by %.2e of the largest logit at one token in ten, and by %.2e at the worst."
                    .formatted(delivered.mostStepsAgainstPrefill(), delivered.stepAgainstPrefill()));
        }
        context.progress(0.9, "comparing answers");
        SampleSets.Prepared set = sets.get(request.getHeldout(), context);
        DeliveredBundle.Measured answers = new DeliveredBundle(context, original, result, threads).measure(set);
        return VerifyResultResult.newBuilder()
                // The fresh process measured the whole; what each conversation adds is measured here on the same files.
                .setHeldout(EvaluatorMessages.quality(qualities.get("heldout"), answers.conversations()))
                .setSelection(EvaluatorMessages.quality(qualities.get("selection")))
                .setDense(EvaluatorMessages.measurement(dense))
                .setDelivered(EvaluatorMessages.measurement(delivered))
                .addAllChangedAnswers(EvaluatorMessages.changed(answers.changed()))
                .setRecountedBytes(recount.bytes())
                .addAllSignatures(GraphSignatures.read(result.resolve("bundle"), original.components()))
                .setStepAgainstPrefill(delivered.stepAgainstPrefill())
                .build();
    }

    /** A vision encoder alone: features instead of answers, a picture instead of tokens, and no cache. */
    private VerifyResultResult encoder(VerifyResultRequest request, Bundle original, Path result, Path heldout, List<MeasureRequest.Set> sets, Recount recount) throws Exception {
        context.progress(0.1, "measuring the original in a fresh process");
        Measurement dense = measureEncoder(original, original.root(), heldout, List.of());
        context.progress(0.5, "measuring the result in a fresh process");
        Measurement delivered = measureEncoder(original, result.resolve("bundle"), heldout, sets);
        checkSelected("the error of the features", request.getSelectedFeatureError(), delivered.featureQualities().get("selection").error());
        return VerifyResultResult.newBuilder()
                .setHeldout(EvaluatorMessages.quality(delivered.featureQualities().get("heldout"), true))
                .setSelection(EvaluatorMessages.quality(delivered.featureQualities().get("selection"), false))
                .setDense(EvaluatorMessages.measurement(dense))
                .setDelivered(EvaluatorMessages.measurement(delivered))
                .setRecountedBytes(recount.bytes())
                .addAllSignatures(GraphSignatures.read(result.resolve("bundle"), original.components()))
                .build();
    }

    private Measurement measureEncoder(Bundle original, Path bundle, Path pictures, List<MeasureRequest.Set> sets) throws IOException, InterruptedException {
        String encoder = original.model(Component.Kind.VISION_ENCODER).orElseThrow().name();
        List<String> others = original.components().stream().map(Component::file).filter(file -> !file.equals(encoder)).map(file -> bundle.resolve(file).toString()).toList();
        return MeasuredProcess.run(MeasureRequest.ofEncoder(bundle.resolve(encoder).toString(), others, threads, pictures.toString(), sets),
                context.workFolder(), LIMIT, context::throwIfStopped);
    }

    /** The longest held-out conversation, as far as the model's context has room for it and for what is decoded after it. */
    private static int promptTokens(Bundle original, SampleSets.Prepared heldout, int decoded) throws IOException {
        int longest = heldout.samples().stream().mapToInt(Sample::length).max().orElseThrow();
        try (PromptEncoder prompts = PromptEncoder.open(original.root())) {
            return Math.max(1, Math.min(longest, prompts.contextTokens() - decoded - MeasureRequest.WARM_UP_TOKENS));
        }
    }

    private Measurement measure(Bundle original, Path bundle, int promptTokens, int decoded, Path prompt, List<MeasureRequest.Set> measured, boolean seeing)
            throws IOException, InterruptedException {
        List<String> parts = original.components().stream().filter(c -> c.kind() != Component.Kind.DECODER).map(c -> bundle.resolve(c.file()).toString()).toList();
        int headSize = original.cacheLayers().stream().mapToInt(l -> l.headSize()).findFirst().orElse(0);
        return MeasuredProcess.run(
                new MeasureRequest(parts, bundle.resolve(original.decoder().orElseThrow().name()).toString(), headSize, threads, prompt.toString(),
                        promptTokens, decoded, measured, seeing ? bundle.toString() : null),
                context.workFolder(), LIMIT, context::throwIfStopped);
    }

    private static void checkSelected(String what, double selected, double delivered) {
        if (Math.abs(delivered - selected) > NOISE + RELATIVE_NOISE * selected) {
            throw failed("Of the delivered bundle %s on the selection set is %.6g, but %.6g was selected.".formatted(what, delivered, selected));
        }
    }

    private static KogataException failed(String message) {
        return new KogataException(Reason.VERIFICATION_FAILED, message);
    }
}
