package dev.kogata.orchestrator;

import dev.kogata.kit.artifact.ArtifactStore;
import dev.kogata.kit.artifact.Manifests;
import dev.kogata.kit.database.Database;
import dev.kogata.kit.event.Event;
import dev.kogata.orchestrator.catalog.Datasets;
import dev.kogata.orchestrator.catalog.Models;
import dev.kogata.orchestrator.deletion.Deletions;
import dev.kogata.orchestrator.deletion.Leftovers;
import dev.kogata.orchestrator.flow.JobRunner;
import dev.kogata.orchestrator.flow.OpenOperations;
import dev.kogata.orchestrator.flow.Workers;
import dev.kogata.orchestrator.job.JobBell;
import dev.kogata.orchestrator.job.JobLeases;
import dev.kogata.orchestrator.job.JobStore;
import dev.kogata.orchestrator.job.JobWatches;
import dev.kogata.orchestrator.job.WhatIf;
import dev.kogata.orchestrator.job.Jobs;
import dev.kogata.orchestrator.quota.QuotaConfig;
import dev.kogata.orchestrator.quota.Quotas;
import java.util.function.BiConsumer;
import org.jdbi.v3.core.Handle;

/** One orchestrator: its use cases over one schema, and the runner of jobs. Built of plain objects; the framework only wires it. */
public final class Orchestrator implements AutoCloseable {

    private static final long LOOK_FOR_LEFTOVERS_SECONDS = 60;

    private final Models models;
    private final Datasets datasets;
    private final Jobs jobs;
    private final Leftovers leftovers;
    private final Deletions deletions;
    private final WhatIf whatIf;
    private final JobWatches watches;
    private final JobBell bell = new JobBell();
    private final OpenOperations operations;
    private final JobRunner runner;

    /**
     * @param outbox takes events in the transaction that makes them true
     * @param workers the services that do the work
     * @param owner name of this orchestrator, unique per process
     */
    public Orchestrator(Database database, BiConsumer<Handle, Event> outbox, ArtifactStore artifacts, Workers workers, JobsConfig config, QuotaConfig quota,
            String owner) {
        Manifests manifests = new Manifests(artifacts);
        Quotas quotas = new Quotas(quota);
        JobStore store = new JobStore(database, outbox, bell, quotas);
        models = new Models(database, quotas, manifests, workers::inspectModel);
        datasets = new Datasets(database, quotas, manifests, workers::inspectDataset);
        operations = new OpenOperations(store, workers);
        jobs = new Jobs(store, models, datasets, operations::cancel);
        leftovers = new Leftovers(database, artifacts, config.keepDeleted());
        deletions = new Deletions(database, leftovers);
        whatIf = new WhatIf(jobs, store, models);
        watches = new JobWatches(store, bell);
        runner = new JobRunner(store, new JobLeases(database, owner, config.lease(), quotas::runningAtOnce), models, datasets, workers, operations, artifacts, config);
    }

    /** Begins to run jobs, those first that were left unfinished. */
    public void start() {
        runner.start(bell);
        leftovers.start(LOOK_FOR_LEFTOVERS_SECONDS);
    }

    Models models() {
        return models;
    }

    Datasets datasets() {
        return datasets;
    }

    Jobs jobs() {
        return jobs;
    }

    Deletions deletions() {
        return deletions;
    }

    WhatIf whatIf() {
        return whatIf;
    }

    JobWatches watches() {
        return watches;
    }

    /** Stops; jobs go on when an orchestrator starts on the same schema. */
    @Override
    public void close() {
        runner.close();
        operations.close();
        leftovers.close();
        watches.close();
    }
}
