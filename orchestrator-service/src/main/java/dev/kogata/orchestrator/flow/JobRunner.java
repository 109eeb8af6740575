package dev.kogata.orchestrator.flow;

import dev.kogata.core.budget.Projection;
import dev.kogata.kit.artifact.ArtifactStore;
import dev.kogata.kit.artifact.Manifests;
import dev.kogata.kit.error.Incident;
import dev.kogata.kit.error.KogataException;
import dev.kogata.orchestrator.JobsConfig;
import dev.kogata.orchestrator.catalog.Datasets;
import dev.kogata.orchestrator.catalog.Models;
import dev.kogata.orchestrator.job.JobBell;
import dev.kogata.orchestrator.job.JobLease;
import dev.kogata.orchestrator.job.JobLeases;
import dev.kogata.orchestrator.job.JobLost;
import dev.kogata.orchestrator.job.JobRun;
import dev.kogata.orchestrator.job.JobStore;
import dev.kogata.orchestrator.plan.IncludedParts;
import dev.kogata.orchestrator.plan.Plans;
import dev.kogata.orchestrator.v1.Dataset;
import dev.kogata.orchestrator.v1.Job;
import dev.kogata.orchestrator.v1.JobRequest;
import dev.kogata.orchestrator.v1.Model;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jboss.logging.MDC;

/**
 * Runs jobs, a bounded number at once: claims those that nobody runs, keeps their leases, and stops working on what was
 * cancelled or is run by somebody else. Started again after any kind of death it goes on with every job that has not ended.
 */
public final class JobRunner implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(JobRunner.class);
    private static final long GRACE_SECONDS = 5;

    private final JobStore store;
    private final JobLeases leases;
    private final Models models;
    private final Datasets datasets;
    private final Workers workers;
    private final OpenOperations operations;
    private final Manifests manifests;
    private final ArtifactStore artifacts;
    private final JobsConfig config;

    private final Map<String, Running> running = new ConcurrentHashMap<>();
    private final ExecutorService runs;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(work -> daemon(work, "jobs"));
    /** Of jobs that this orchestrator has met them with. */
    private final Map<String, Outage> outages = new ConcurrentHashMap<>();
    private AutoCloseable listening = () -> { };
    private volatile boolean closed;
    /** Whether the last look failed: said once, not at every look. */
    private boolean blind;

    private record Running(JobLease lease, StopSignal stop) {
    }

    public JobRunner(JobStore store, JobLeases leases, Models models, Datasets datasets, Workers workers, OpenOperations operations, ArtifactStore artifacts,
            JobsConfig config) {
        this.store = store;
        this.leases = leases;
        this.models = models;
        this.datasets = datasets;
        this.workers = workers;
        this.operations = operations;
        this.manifests = new Manifests(artifacts);
        this.artifacts = artifacts;
        this.config = config;
        this.runs = Executors.newFixedThreadPool(config.atOnce(), work -> daemon(work, "job"));
    }

    /** Begins to run jobs; {@code bell} saves the wait for the next look. */
    public void start(JobBell bell) {
        long millis = config.check().toMillis();
        ScheduledFuture<?> looking = clock.scheduleWithFixedDelay(this::look, 0, millis, TimeUnit.MILLISECONDS);
        AutoCloseable listener = bell.listen(() -> clock.execute(this::look));
        listening = () -> {
            looking.cancel(false);
            listener.close();
        };
    }

    /** Stops running jobs; another orchestrator, or this one started again, goes on with them at once. */
    @Override
    public void close() {
        closed = true;
        try {
            listening.close();
            running.values().forEach(job -> job.stop().stop());
            runs.shutdown();
            runs.awaitTermination(GRACE_SECONDS, TimeUnit.SECONDS);
            clock.shutdown();
            clock.awaitTermination(GRACE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            throw new IllegalStateException("forgetting a listener cannot fail", e);
        }
        runs.shutdownNow();
        clock.shutdownNow();
    }

    private void look() {
        if (closed) {
            return;
        }
        try {
            for (Running job : running.values()) {
                if (!leases.renew(job.lease())) {
                    stop(job);
                }
            }
            while (running.size() < config.atOnce()) {
                Optional<JobLease> lease = leases.claim();
                if (lease.isEmpty()) {
                    break;
                }
                Running job = new Running(lease.get(), new StopSignal());
                running.put(lease.get().job(), job);
                try {
                    runs.execute(() -> run(job));
                } catch (RejectedExecutionException closing) {
                    // Claimed while this orchestrator stops: the next one need not wait for the lease to end.
                    leaveBehind(job);
                    return;
                }
            }
            blind = false;
        } catch (RuntimeException e) {
            // The next look tries again; leases that were not renewed in time are another orchestrator's by right.
            if (!blind) {
                LOG.warnf("jobs cannot be looked after now: %s", e.getMessage());
            }
            blind = true;
        }
    }

    /** The job has ended by request, or somebody else runs it. */
    private void stop(Running job) {
        job.stop().stop();
        running.remove(job.lease().job(), job);
    }

    private void run(Running job) {
        JobRun run = new JobRun(store, job.lease());
        MDC.put("job", "jobs/" + job.lease().job());
        try {
            MDC.put("tenant", run.tenant());
            new JobFlow(context(run, job.stop()), datasets).run();
        } catch (JobLost | StopSignal.Stopped stopped) {
            LOG.debugf("job %s is not run here any more: %s", job.lease().job(), stopped.getMessage());
        } catch (PatienceOver over) {
            fail(run, over.error());
        } catch (KogataException e) {
            if (e.passes()) {
                outage(job, run, e);
            } else {
                fail(run, e);
            }
        } catch (RuntimeException e) {
            fail(run, e);
        } finally {
            MDC.remove("job");
            MDC.remove("tenant");
            leaveBehind(job);
        }
    }

    /** Services are waited for elsewhere, so this is the database or the store: nothing is lost, and the job goes on when it is back. */
    private void outage(Running job, JobRun run, KogataException error) {
        Outage outage = outages.compute(job.lease().job(), (id, known) -> Outage.after(known, System.nanoTime()));
        if (outage.lasts(config.patience())) {
            fail(run, error);
            return;
        }
        LOG.infof("job %s waits: %s", job.lease().job(), error.getMessage());
        try {
            run.remark("The job waited: " + error.getMessage());
            job.stop().pause(outage.pause());
        } catch (RuntimeException untold) {
            LOG.debugf("job %s is not told what it waits for: %s", job.lease().job(), untold.getMessage());
        }
    }

    private void fail(JobRun run, RuntimeException cause) {
        KogataException error = Incident.of(cause);
        try {
            run.fail(error.toStatus());
            operations.cancel(run.lease().job());
            LOG.infof("job %s failed: %s", run.lease().job(), error.getMessage());
        } catch (JobLost lost) {
            LOG.debugf("job %s had ended: %s", run.lease().job(), lost.getMessage());
        } catch (RuntimeException e) {
            // The lease ends, and whoever claims the job next comes to the same point.
            LOG.warnf("job %s cannot be marked as failed now: %s", run.lease().job(), e.getMessage());
        }
    }

    private void leaveBehind(Running job) {
        running.remove(job.lease().job(), job);
        try {
            leases.release(job.lease());
        } catch (RuntimeException e) {
            LOG.debugf("the lease of %s ends by itself: %s", job.lease().job(), e.getMessage());
        }
        if (!closed) {
            clock.execute(this::look);
        }
    }

    private JobContext context(JobRun run, StopSignal stop) {
        String tenant = run.tenant();
        Job job = run.job();
        JobRequest request = job.getRequest();
        Model known = models.get(tenant, request.getModel());
        Model model = known.toBuilder().setInspection(IncludedParts.of(known.getInspection(), request.getIncludeList())).build();
        Projection projection = Plans.projection(model.getInspection(), request);
        Workers its = workers.of(tenant);
        return new JobContext(run, job.getName(), request, model, dataset(tenant, request.getDataset()),
                dataset(tenant, request.getHeldout()),
                projection, new SimilarPlans(store, models), new Tasks(run, its, config, stop), its, manifests, artifacts, config, stop);
    }

    private Optional<Dataset> dataset(String tenant, String name) {
        return name.isEmpty() ? Optional.empty() : Optional.of(datasets.get(tenant, name));
    }

    private static Thread daemon(Runnable work, String name) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        return thread;
    }
}
