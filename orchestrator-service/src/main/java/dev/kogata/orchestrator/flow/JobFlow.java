package dev.kogata.orchestrator.flow;

import dev.kogata.common.v1.Artifact;
import dev.kogata.common.v1.Manifest;
import dev.kogata.kit.artifact.Manifests;
import dev.kogata.orchestrator.flow.CompressStage.Compressed;
import dev.kogata.orchestrator.flow.ProfileStage.Profiled;
import dev.kogata.orchestrator.flow.VerifyStage.Verified;
import dev.kogata.orchestrator.job.Trial;
import dev.kogata.orchestrator.report.ReportData;
import dev.kogata.orchestrator.report.ReportJson;
import dev.kogata.orchestrator.report.ReportPage;
import dev.kogata.orchestrator.v1.JobResult;
import dev.kogata.orchestrator.v1.JobState;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * All stages of one job, in order. Written as if nothing ever failed: run again after a restart, every task that was done gives
 * its stored answer at once and every trial is in the journal, so the job goes on where it was.
 */
final class JobFlow {

    private final JobContext context;

    JobFlow(JobContext context) {
        this.context = context;
    }

    /** Runs the job to SUCCEEDED; what it throws says why it did not get there. */
    void run() {
        context.run().advance(JobState.INSPECTING, Progress.INSPECTING, "Model, data and budget are in order.");
        Profiled profiled = new ProfileStage(context).run();
        List<Trial> trials = new SearchStage(context, profiled).run();
        Compressed compressed = new CompressStage(context, profiled).run(trials);
        Verified verified = new VerifyStage(context, profiled).run(compressed);
        ReportData report = new ReportComposer(context, profiled, trials, compressed, verified).compose(Instant.now());
        context.run().succeed(result(verified, report), String.format(Locale.ROOT, "Done: %d bytes of a budget of %d.",
                verified.plan().bytes(), verified.plan().budgetBytes()));
    }

    private JobResult result(Verified verified, ReportData report) {
        byte[] json = ReportJson.bytes(report);
        Artifact reportJson = context.artifacts().put(json, "application/json");
        Artifact reportPage = context.artifacts().put(ReportPage.bytes(json, AnswerPictures.of(context, verified.measured().getChangedAnswersList())), "text/html");
        Manifest.Builder files = verified.files().toBuilder()
                .addFiles(Manifests.entry("report.json", reportJson))
                .addFiles(Manifests.entry("report.html", reportPage));
        Artifact manifest = context.manifests().write(files.build());
        return JobResult.newBuilder().setJob(context.name()).setManifest(manifest)
                .addAllFiles(files.getFilesList().stream().sorted(Comparator.comparing(file -> file.getPath())).toList()).build();
    }
}
