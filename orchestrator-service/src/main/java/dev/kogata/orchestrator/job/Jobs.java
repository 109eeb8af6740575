package dev.kogata.orchestrator.job;

import dev.kogata.common.v1.Reason;
import dev.kogata.core.budget.Projection;
import dev.kogata.kit.error.KogataException;
import dev.kogata.orchestrator.catalog.Datasets;
import dev.kogata.orchestrator.catalog.Models;
import dev.kogata.orchestrator.catalog.Page;
import dev.kogata.orchestrator.catalog.ResourceIds;
import dev.kogata.orchestrator.plan.IncludedParts;
import dev.kogata.orchestrator.plan.Plans;
import dev.kogata.orchestrator.v1.Job;
import dev.kogata.orchestrator.v1.JobEstimate;
import dev.kogata.orchestrator.v1.JobRequest;
import dev.kogata.orchestrator.v1.JobResult;
import dev.kogata.orchestrator.v1.JobState;
import dev.kogata.orchestrator.v1.Usage;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Accepts jobs, or refuses them before any work starts. What is accepted is stored with its first event in one transaction, and
 * so is never lost. Thread-safe.
 */
public final class Jobs {

    static final String COLLECTION = "jobs/";
    private static final int LONGEST_KEY = 256;
    private static final String BY_KEY = "key=";

    private final JobStore store;
    private final Models models;
    private final Datasets datasets;
    private final Consumer<String> onCancelled;

    /**
     * @param onCancelled hears the id of every job that was cancelled, after the commit; must return at once
     */
    public Jobs(JobStore store, Models models, Datasets datasets, Consumer<String> onCancelled) {
        this.store = store;
        this.models = models;
        this.datasets = datasets;
        this.onCancelled = onCancelled;
    }

    /**
     * Accepts a job. The same key with the same request gives the job that is there.
     *
     * @param key idempotency key; may be empty
     */
    public Job create(String tenant, JobRequest asked, String key) {
        return asked.getFromJob().isEmpty() ? start(tenant, JobRequestRules.complete(asked), key, Optional.empty()) : point(tenant, asked, key);
    }

    /**
     * Accepts a job that goes on where another one's search ended: with its journal, and with all that was made for it, so that nothing is
     * measured twice. The other job stays as it is.
     *
     * @param trials how many more
     */
    public Job continueJob(String tenant, String name, int trials, String key) {
        Job earlier = get(tenant, name);
        if (!JobStates.ended(earlier.getState())) {
            throw new KogataException(Reason.STATE_WRONG, "The job " + name + " is " + earlier.getState() + "; only a job that has ended can be continued.",
                    Map.of("state", earlier.getState().name(), "name", name));
        }
        return start(tenant, JobRequestRules.continued(name, earlier.getRequest(), trials), key,
                Optional.of(new JobStore.Origin(id(earlier.getName()).orElseThrow(), Optional.empty(), earlier)));
    }

    /** Accepts a job that delivers one point of a finished front, without a search. */
    private Job point(String tenant, JobRequest asked, String key) {
        Job front = get(tenant, asked.getFromJob());
        if (front.getState() != JobState.SUCCEEDED || !front.getRequest().getPareto()) {
            throw new KogataException(Reason.STATE_WRONG, "The job " + front.getName() + " has no front to take a point of: only a job with pareto that has SUCCEEDED has one.",
                    Map.of("state", front.getState().name(), "name", front.getName()));
        }
        List<Trial> points = Fronts.of(store.journal(id(front.getName()).orElseThrow()));
        if (asked.getPoint() < 0 || asked.getPoint() >= points.size()) {
            throw KogataException.invalid("point", "The front of %s has the points 0 to %d, not %d.".formatted(front.getName(), points.size() - 1, asked.getPoint()));
        }
        Trial point = points.get(asked.getPoint());
        return start(tenant, JobRequestRules.point(asked, front.getRequest(), point.bytes()), key, Optional.of(new JobStore.Origin(id(front.getName()).orElseThrow(),
                Optional.of(point), front.toBuilder().setFinishedTrials(1).setBestLoss(point.loss()).build())));
    }

    private Job start(String tenant, JobRequest request, String key, Optional<JobStore.Origin> origin) {
        if (key.length() > LONGEST_KEY || key.chars().anyMatch(Character::isISOControl)) {
            throw KogataException.invalid("idempotency_key", "An idempotency key has at most " + LONGEST_KEY + " characters on one line.");
        }
        if (!key.isEmpty()) {
            Optional<Job> known = store.findByKey(tenant, key);
            if (known.isPresent()) {
                return same(known.get(), request);
            }
        }
        Job.Builder job = accepted(tenant, request);
        origin.map(JobStore.Origin::job).ifPresent(from -> {
            job.setFinishedTrials(from.getFinishedTrials());
            if (from.hasBestLoss()) {
                job.setBestLoss(from.getBestLoss());
            }
        });
        return store.insert(tenant, job.getName().substring(COLLECTION.length()), job.build(), key, origin)
                // Somebody used the key between the look and the insert: theirs is the job.
                .orElseGet(() -> same(store.findByKey(tenant, key).orElseThrow(), request));
    }

    /** A job, or {@code NOT_FOUND}. */
    public Job get(String tenant, String name) {
        return id(name).flatMap(id -> store.find(tenant, id)).orElseThrow(() -> notFound(name));
    }

    /**
     * Jobs, newest first.
     *
     * @param filter {@code state=NAME}, {@code active}, {@code key=IDEMPOTENCY_KEY}, or empty for all
     */
    public Page<Job> list(String tenant, int pageSize, String pageToken, String filter) {
        if (filter.startsWith(BY_KEY)) {
            return new Page<>(store.findByKey(tenant, filter.substring(BY_KEY.length())).stream().toList(), "");
        }
        return store.list(tenant, pageSize, pageToken, states(filter));
    }

    /** Ends a job by request; one that has ended stays as it is. */
    public Job cancel(String tenant, String name) {
        Job job = id(name).flatMap(id -> store.cancel(tenant, id)).orElseThrow(() -> notFound(name));
        if (job.getState() == JobState.CANCELLED) {
            onCancelled.accept(id(name).orElseThrow());
        }
        return job;
    }

    /** The files of a job; {@code STATE_WRONG} before it has SUCCEEDED. */
    public JobResult result(String tenant, String name) {
        Job job = get(tenant, name);
        return store.result(tenant, id(name).orElseThrow()).orElseThrow(() -> new KogataException(Reason.STATE_WRONG,
                "The job " + name + " is " + job.getState() + "; only a job that has SUCCEEDED has a result.",
                Map.of("state", job.getState().name(), "name", name)));
    }

    /** What a job would cost; refuses what {@link #create} would refuse, quotas apart. */
    public JobEstimate estimate(String tenant, JobRequest asked) {
        if (!asked.getFromJob().isEmpty()) {
            throw KogataException.invalid("from_job", "An estimate is of a search, and the point of a front needs none.");
        }
        JobRequest request = JobRequestRules.complete(asked);
        Projection projection = projected(tenant, request);
        return Estimates.of(request, IncludedParts.of(models.get(tenant, request.getModel()).getInspection(), request.getIncludeList()), projection,
                new JobHistory(store.database()).ofModel(tenant, request.getModel()), store.usage(tenant));
    }

    /** What a tenant uses of its quotas. */
    public Usage usage(String tenant) {
        return store.usage(tenant);
    }

    /** The id in a job's name. */
    static Optional<String> id(String name) {
        return ResourceIds.id(COLLECTION, name);
    }

    private Projection projected(String tenant, JobRequest request) {
        var model = models.get(tenant, request.getModel());
        ModelNeeds needs = new ModelNeeds(model.getInspection());
        needs.check();
        needs.check(request);
        if (!request.getDataset().isEmpty()) {
            needs.check(datasets.get(tenant, request.getDataset()));
        }
        if (!request.getHeldout().isEmpty()) {
            needs.check(datasets.get(tenant, request.getHeldout()));
        }
        return Plans.projection(IncludedParts.of(model.getInspection(), request.getIncludeList()), request);
    }

    private Job.Builder accepted(String tenant, JobRequest request) {
        Projection projection = projected(tenant, request);
        Objective objective = Objective.of(models.get(tenant, request.getModel()).getInspection());
        if (!objective.answers() && request.getDataset().isEmpty()) {
            throw KogataException.invalid("dataset", "The model is a vision encoder alone, which makes no samples of its own; give a dataset with pictures.");
        }
        var now = ResourceIds.now();
        return Job.newBuilder()
                .setName(COLLECTION + ResourceIds.fresh())
                .setState(JobState.QUEUED)
                .setRequest(request)
                .setMessage("Accepted.")
                .setObjective(objective.word())
                .setCreateTime(now)
                .setUpdateTime(now)
                .setBudgetBytes(request.getPareto() ? 0 : Plans.budgetBytes(projection))
                .setDenseBytes(projection.cost().denseBytes())
                .setLastSequence(1);
    }

    private static Job same(Job known, JobRequest request) {
        if (!known.getRequest().equals(request)) {
            throw new KogataException(Reason.IDEMPOTENCY_CONFLICT,
                    "This idempotency key came with another request before, for " + known.getName() + "; use a new key for a new job.",
                    Map.of("name", known.getName()));
        }
        return known;
    }

    private static List<String> states(String filter) {
        if (filter.isEmpty()) {
            return List.of(JobState.values()).stream().map(Enum::name).toList();
        }
        if (filter.equals("active")) {
            return JobStates.ACTIVE;
        }
        String state = filter.startsWith("state=") ? filter.substring("state=".length()) : "";
        for (JobState known : JobState.values()) {
            if (known.name().equals(state) && known != JobState.UNRECOGNIZED && known != JobState.JOB_STATE_UNSPECIFIED) {
                return List.of(state);
            }
        }
        throw KogataException.invalid("filter", Quoted.of(filter) + " is no filter; give \"state=SEARCHING\" (or another state), or \"active\".");
    }

    private static KogataException notFound(String name) {
        return KogataException.notFound("The job", name);
    }
}
