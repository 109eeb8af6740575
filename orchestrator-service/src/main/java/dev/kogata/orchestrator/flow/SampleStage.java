package dev.kogata.orchestrator.flow;

import dev.kogata.orchestrator.catalog.Datasets;
import dev.kogata.orchestrator.v1.Dataset;
import dev.kogata.orchestrator.v1.JobState;
import dev.kogata.profiler.v1.SampleModelRequest;
import dev.kogata.profiler.v1.SampleModelResult;

/** Makes a job's calibration data of the model's own samples, and keeps it as a dataset like any other. */
final class SampleStage {
    private final JobContext context;
    private final Datasets datasets;

    SampleStage(JobContext context, Datasets datasets) {
        this.context = context;
        this.datasets = datasets;
    }

    Dataset run() {
        context.run().advance(JobState.PROFILING, Progress.PROFILING, "No calibration data: drawing conversations from the model itself.");
        SampleModelResult made = context.tasks().result("sample", SampleModelResult.class, id -> context.workers().profiler().sampleModel(
                SampleModelRequest.newBuilder().setRequestId(id).setJob(context.name()).setModel(context.model().getManifest())
                        .setConversations(context.config().ownConversations()).setSeed(context.request().getSeed()).build()), Tasks.QUIET);
        return datasets.create(context.run().tenant(), made.getDataset(), "own samples of " + context.model().getName());
    }
}
