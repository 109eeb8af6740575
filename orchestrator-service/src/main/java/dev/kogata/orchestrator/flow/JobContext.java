package dev.kogata.orchestrator.flow;

import dev.kogata.common.v1.CacheFormat;
import dev.kogata.core.budget.Projection;
import dev.kogata.kit.artifact.ArtifactStore;
import dev.kogata.kit.artifact.Manifests;
import dev.kogata.orchestrator.JobsConfig;
import dev.kogata.orchestrator.job.JobRun;
import dev.kogata.orchestrator.job.Objective;
import dev.kogata.orchestrator.plan.CacheFormats;
import dev.kogata.orchestrator.plan.Plans;
import dev.kogata.orchestrator.v1.Dataset;
import dev.kogata.orchestrator.v1.JobRequest;
import dev.kogata.orchestrator.v1.Model;
import java.util.List;
import java.util.Optional;

/**
 * What all stages of one job share.
 *
 * @param run what the job may write
 * @param name resource name of the job
 * @param request what was asked for
 * @param model the model
 * @param given the calibration data, where there is some already
 * @param heldout the held-out data, where it has its own dataset
 * @param projection costs of the model and its budget
 * @param similar plans of earlier jobs
 */
record JobContext(JobRun run, String name, JobRequest request, Model model, Optional<Dataset> given, Optional<Dataset> heldout,
        Projection projection, SimilarPlans similar, Tasks tasks, Workers workers, Manifests manifests, ArtifactStore artifacts, JobsConfig config, StopSignal stop) {

    /** The same for plans of these elastic weights: their steps are versions where they are a bank. */
    JobContext with(ElasticWeights.Built weights) {
        return weights.grid().isEmpty() ? this : new JobContext(run, name, request, model, given, heldout,
                Plans.projection(model.getInspection(), request, weights.grid().get()),
                similar, tasks, workers, manifests, artifacts, config, stop);
    }

    /** What the job minimizes. */
    Objective objective() {
        return Objective.of(model.getInspection());
    }

    /** The same with this calibration data. */
    JobContext with(Dataset dataset) {
        return new JobContext(run, name, request, model, Optional.of(dataset), heldout, projection, similar, tasks, workers, manifests, artifacts, config, stop);
    }

    /** The calibration data. */
    Dataset dataset() {
        return given.orElseThrow();
    }

    /** Formats that the job's plans may use. */
    List<CacheFormat> formats() {
        return CacheFormats.of(request.getFormat()).formats();
    }
}
