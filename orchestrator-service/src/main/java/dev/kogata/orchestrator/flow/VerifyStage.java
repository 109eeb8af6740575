package dev.kogata.orchestrator.flow;

import dev.kogata.common.v1.Artifact;
import dev.kogata.common.v1.Manifest;
import dev.kogata.common.v1.ManifestFile;
import dev.kogata.common.v1.Quality;
import dev.kogata.common.v1.Reason;
import dev.kogata.evaluator.v1.VerifyResultRequest;
import dev.kogata.evaluator.v1.VerifyResultResult;
import dev.kogata.kit.artifact.Manifests;
import dev.kogata.kit.error.KogataException;
import dev.kogata.orchestrator.flow.CompressStage.Compressed;
import dev.kogata.orchestrator.flow.ProfileStage.Profiled;
import dev.kogata.orchestrator.job.Loss;
import dev.kogata.orchestrator.report.PlanDocument;
import dev.kogata.orchestrator.report.ReportJson;
import dev.kogata.orchestrator.v1.JobState;
import dev.kogata.pruner.v1.FinalPass;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Has the delivered files loaded and measured in fresh processes, and fails the job where they are not what was selected. */
final class VerifyStage {

    /** Float noise: where a rounding falls the other way, a cached value moves by a whole step. */
    private static final double RELATIVE_NOISE = 0.02;
    private static final double ABSOLUTE_NOISE = 1e-4;

    /**
     * A result that holds what it claims.
     *
     * @param files manifest of bundle/, sparse/ and plan.json
     */
    record Verified(PlanDocument plan, Manifest files, VerifyResultResult measured) {
    }

    private final JobContext context;
    private final Profiled profiled;

    VerifyStage(JobContext context, Profiled profiled) {
        this.context = context;
        this.profiled = profiled;
    }

    Verified run(Compressed compressed) {
        Written chosen = compressed.chosen();
        StageProgress progress = new StageProgress(context.run(), JobState.VERIFYING, Progress.VERIFYING, Progress.END, 1);
        progress.say("Verifying: fresh processes load the dense and the delivered bundle.");
        List<ManifestFile> outputs = context.manifests().read(chosen.files().getFiles()).getFilesList();
        PlanDocument plan = PlanComposer.compose(context, chosen, outputs);
        requireWithin("bytes of the written files", plan.bytes(), plan.budgetBytes());
        Artifact planJson = context.artifacts().put(ReportJson.bytes(plan), "application/json");
        Manifest files = Manifest.newBuilder().addAllFiles(outputs).addFiles(Manifests.entry("plan.json", planJson)).build();
        Artifact manifest = context.manifests().write(files);
        VerifyResultResult measured = context.tasks().result("verify", VerifyResultResult.class, id -> context.workers().evaluator().verifyResult(
                VerifyResultRequest.newBuilder().setRequestId(id).setJob(context.name()).setFiles(manifest).setModel(context.model().getManifest())
                        .setHeldout(profiled.heldout()).setSelection(profiled.selection()).setSelectedKl(chosen.selection().getKl())
                        .setSelectedFeatureError(chosen.selection().getFeatures().getError()).build()),
                share -> progress.done(0, share, "Verifying."));
        requireSame("that it was selected with", chosen.selection(), measured.getSelection());
        if (chosen.pass() == FinalPass.AS_SEARCHED) {
            requireSame("of its plan in the search", chosen.finalist().selection(), measured.getSelection());
        }
        if (measured.getRecountedBytes() != plan.bytes()) {
            throw failed(String.format(Locale.ROOT, "The delivered files hold %d bytes where %d were written; start the job again.",
                    measured.getRecountedBytes(), plan.bytes()), "recounted_bytes", measured.getRecountedBytes());
        }
        return new Verified(plan, files, measured);
    }

    private void requireSame(String which, Quality before, Quality after) {
        double selected = Loss.of(before).value(), delivered = Loss.of(after).value();
        double noise = ABSOLUTE_NOISE + RELATIVE_NOISE * Math.abs(selected);
        // A delivered loss that is not a number fails too.
        if (!(Math.abs(delivered - selected) <= noise)) {
            throw failed(String.format(Locale.ROOT, "The delivered bundle's %s on the selection set is %.4g, not the %.4g %s; start the job again.",
                    context.objective().noun(), delivered, selected, which), "delivered_loss", delivered);
        }
    }

    private static void requireWithin(String what, long value, long limit) {
        if (value > limit) {
            throw failed(String.format(Locale.ROOT, "The %s are %d, more than the budget of %d.", what, value, limit), "bytes", value);
        }
    }

    private static KogataException failed(String message, String name, Object value) {
        return new KogataException(Reason.VERIFICATION_FAILED, message, Map.of(name, value.toString()));
    }
}
