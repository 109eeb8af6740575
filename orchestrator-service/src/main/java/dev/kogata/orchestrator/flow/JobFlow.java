package dev.kogata.orchestrator.flow;

import dev.kogata.common.v1.Artifact;
import dev.kogata.common.v1.Manifest;
import dev.kogata.kit.artifact.Manifests;
import dev.kogata.orchestrator.catalog.Datasets;
import dev.kogata.orchestrator.flow.CompressStage.Compressed;
import dev.kogata.orchestrator.flow.ProfileStage.Profiled;
import dev.kogata.orchestrator.flow.SearchStage.Searched;
import dev.kogata.orchestrator.flow.VerifyStage.Verified;
import dev.kogata.orchestrator.report.FrontDocument;
import dev.kogata.orchestrator.report.ReportData;
import dev.kogata.orchestrator.report.ReportJson;
import dev.kogata.orchestrator.report.ReportPage;
import dev.kogata.orchestrator.v1.JobResult;
import dev.kogata.orchestrator.v1.JobState;
import java.time.Instant;
import java.util.Comparator;
import java.util.Locale;

/**
 * All stages of one job, in order. Written as if nothing ever failed: run again after a restart, every task that was done gives
 * its stored answer at once and every trial is in the journal, so the job goes on where it was.
 */
final class JobFlow {

    private final JobContext asked;
    private final Datasets datasets;

    /** @param datasets where data that the job makes itself is registered */
    JobFlow(JobContext asked, Datasets datasets) {
        this.asked = asked;
        this.datasets = datasets;
    }

    /** Runs the job to SUCCEEDED; what it throws says why it did not get there. */
    void run() {
        asked.run().advance(JobState.INSPECTING, Progress.INSPECTING, "Model, data and budget are in order.");
        JobContext begun = asked.given().isPresent() ? asked : asked.with(new SampleStage(asked, datasets).run());
        Profiled profiled = new ProfileStage(begun).run();
        JobContext context = begun.with(profiled.weights());
        Searched searched = new SearchStage(context, profiled).run();
        if (context.request().getPareto()) {
            front(context, new FrontStage(context, profiled).run(searched.trials()));
            return;
        }
        Compressed compressed = new CompressStage(context, profiled).run(searched);
        Verified verified = new VerifyStage(context, profiled).run(compressed);
        ReportData report = new ReportComposer(context, profiled, searched, compressed, verified).compose(Instant.now());
        context.run().succeed(result(context, verified, report), String.format(Locale.ROOT, "Done: %,d bytes of a budget of %,d.",
                verified.plan().bytes(), verified.plan().budgetBytes()));
    }

    private static void front(JobContext context, FrontDocument front) {
        byte[] json = ReportJson.bytes(front);
        Manifest files = Manifest.newBuilder()
                .addFiles(Manifests.entry("front.json", context.artifacts().put(json, "application/json")))
                .addFiles(Manifests.entry("report.html", context.artifacts().put(ReportPage.front(json), "text/html"))).build();
        context.run().succeed(JobResult.newBuilder().setJob(context.name()).setManifest(context.manifests().write(files)).addAllFiles(files.getFilesList()).build(),
                String.format(Locale.ROOT, "Done: a front of %,d points.", front.points().size()));
    }

    private static JobResult result(JobContext context, Verified verified, ReportData report) {
        byte[] json = ReportJson.bytes(report);
        Artifact reportJson = context.artifacts().put(json, "application/json");
        Artifact reportPage = context.artifacts().put(ReportPage.bytes(json, AnswerPictures.of(context, verified.measured().getChangedAnswersList())), "text/html");
        Manifest.Builder files = verified.files().toBuilder()
                .addFiles(Manifests.entry("report.json", reportJson))
                .addFiles(Manifests.entry("report.html", reportPage));
        Artifact manifest = context.manifests().write(files.build());
        return JobResult.newBuilder().setJob(context.name()).setManifest(manifest)
                .addAllFiles(files.getFilesList().stream().sorted(Comparator.comparing(file -> file.getPath())).toList())
                .addAllSignatures(verified.measured().getSignaturesList()).build();
    }
}
