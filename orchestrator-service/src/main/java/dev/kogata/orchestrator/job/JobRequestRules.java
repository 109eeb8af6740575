package dev.kogata.orchestrator.job;

import dev.kogata.common.v1.Budget;
import dev.kogata.common.v1.Workload;
import dev.kogata.core.prune.PruningMethod;
import dev.kogata.kit.error.KogataException;
import dev.kogata.orchestrator.catalog.ResourceIds;
import dev.kogata.orchestrator.plan.CacheFormats;
import dev.kogata.orchestrator.plan.IncludedParts;
import dev.kogata.orchestrator.plan.Plans;
import dev.kogata.orchestrator.v1.JobRequest;
import dev.kogata.orchestrator.v1.Thresholds;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * What can be said of a job's request without looking anything up: fills in the defaults, and refuses with one sentence what
 * no model could satisfy. Stateless.
 */
public final class JobRequestRules {

    static final int DEFAULT_BATCH = 1;
    static final int DEFAULT_CONTEXT = 1024;
    static final int DEFAULT_TRIALS = 100;
    static final long DEFAULT_SEED = 7;
    static final int MOST_TRIALS = 100_000;
    /** More sequences or tokens than any model is run with; keeps byte counts far from 64 bits. */
    static final int MOST_BATCH = 1 << 16;
    static final int MOST_CONTEXT = 1 << 24;

    private static final List<String> FORMATS = CacheFormats.words();
    /** The default first, then every method that ranks. */
    private static final List<String> METHODS = Stream.concat(Stream.of("sparsegpt"), Arrays.stream(PruningMethod.values()).map(PruningMethod::label)).toList();
    /** The paper's procedure, which fixes the method and how it is delivered. */
    public static final String PAPER = "paper";
    private static final String WANDA = "wanda";
    private static final String SEQUENTIAL = "sequential";
    private static final String AS_SEARCHED = "as-searched";
    private static final List<String> SEARCHES = List.of("tpe", "random", "uniform", "owl", "arithmetic-progression", "sensitivity", PAPER);
    private static final List<String> FIXED = List.of("uniform", "owl", "arithmetic-progression", "sensitivity");
    private static final List<String> GRANULARITIES = List.of("layer", "weight", "block");
    private static final List<String> FINAL_PASSES = List.of("best", AS_SEARCHED, SEQUENTIAL, "repaired");

    private JobRequestRules() {
    }

    /**
     * The request with every default filled in, which is also what an idempotency key is compared by.
     *
     * @throws KogataException {@code ARGUMENT_INVALID} with the field, or {@code BUDGET_INVALID}
     */
    public static JobRequest complete(JobRequest request) {
        JobRequest asked = request.getSearch().equals(PAPER) ? paper(request) : request;
        name("model", "models/", asked.getModel());
        if (!asked.getDataset().isEmpty()) {
            name("dataset", "datasets/", asked.getDataset());
        }
        if (!asked.getHeldout().isEmpty()) {
            name("heldout", "datasets/", asked.getHeldout());
        }
        if (asked.getPoint() != 0) {
            throw invalid("point", "The field point goes with from_job; give both or none.");
        }
        if (!asked.getContinueFrom().isEmpty()) {
            throw invalid("continue_from", "The field continue_from is not for new jobs; continue a job with POST /v1/jobs/ID:continue.");
        }
        if (asked.getPareto()) {
            only("budget", asked.hasBudget() ? "a budget" : "", List.of(""), "A search for the front has no budget; leave the field budget out, or the field pareto.");
            only("search", asked.getSearch(), List.of("", "tpe"), "A search for the front is done by tpe; leave the field search out.");
        } else {
            Plans.budget(asked.getBudget());
        }
        thresholds(asked.getThresholds());
        asked.getIncludeList().forEach(part -> choice("include", part, IncludedParts.WORDS));
        return asked.toBuilder()
                .clearInclude().addAllInclude(IncludedParts.WORDS.stream().filter(asked.getIncludeList()::contains).toList())
                .setWorkload(Workload.newBuilder()
                        .setBatch(number("workload.batch", asked.getWorkload().getBatch(), DEFAULT_BATCH, MOST_BATCH))
                        .setContext(number("workload.context", asked.getWorkload().getContext(), DEFAULT_CONTEXT, MOST_CONTEXT)))
                .setFormat(choice("format", asked.getFormat(), FORMATS))
                .setMethod(choice("method", asked.getMethod(), METHODS))
                .setFinal(choice("final", asked.getFinal(), FINAL_PASSES))
                .setSearch(choice("search", asked.getSearch(), SEARCHES))
                .setGranularity(choice("granularity", asked.getGranularity(), GRANULARITIES))
                .setTrials(number("trials", asked.getTrials(), DEFAULT_TRIALS, MOST_TRIALS))
                .setSeed(asked.getSeed() == 0 ? DEFAULT_SEED : asked.getSeed())
                .build();
    }

    private static void thresholds(Thresholds asked) {
        limit("thresholds.max_accuracy_loss", asked.getMaxAccuracyLoss(), 1);
        limit("thresholds.max_latency_increase", asked.getMaxLatencyIncrease(), Double.MAX_VALUE);
        limit("thresholds.max_kl", asked.getMaxKl(), Double.MAX_VALUE);
        limit("thresholds.max_process_bytes", asked.getMaxProcessBytes(), Long.MAX_VALUE);
    }

    private static void limit(String field, double value, double most) {
        // Refuses what is no number too.
        if (!(value >= 0 && value <= most)) {
            throw invalid(field, "%s is out of range for the field %s; give a number from 0%s.".formatted(value, field, most == 1 ? " to 1" : " on"));
        }
    }

    /**
     * The request that goes on with the search of an earlier one.
     *
     * @param more trials more than it had
     */
    static JobRequest continued(String name, JobRequest earlier, int more) {
        if (FIXED.contains(earlier.getSearch())) {
            throw invalid("search", "The search %s is a fixed rule and has no more plans to try; start a job with the search tpe.".formatted(earlier.getSearch()));
        }
        if (more < 1 || more > MOST_TRIALS - earlier.getTrials()) {
            throw invalid("trials", "%d is out of range for the field trials; give how many trials more, from 1 to %d.".formatted(more, MOST_TRIALS - earlier.getTrials()));
        }
        return earlier.toBuilder().setTrials(earlier.getTrials() + more).setContinueFrom(name).build();
    }

    /**
     * The request that delivers one point of another job's front.
     *
     * @param asked names the job and the point, and at most a final pass
     * @param bytes what the point weighs, which is the budget
     */
    static JobRequest point(JobRequest asked, JobRequest front, long bytes) {
        if (!asked.toBuilder().clearFromJob().clearPoint().clearFinal().build().equals(JobRequest.getDefaultInstance())) {
            throw invalid("from_job", "A job that delivers a point of a front takes everything else from that front's job; give only from_job, point and final.");
        }
        String pass = asked.getFinal().isEmpty() ? front.getFinal() : choice("final", asked.getFinal(), FINAL_PASSES);
        return front.toBuilder().clearPareto().setBudget(Budget.newBuilder().setBytes(bytes)).setFromJob(asked.getFromJob()).setPoint(asked.getPoint())
                .setFinal(pass).setTrials(1).build();
    }

    /** Sequential Wanda over blocks of layers, under one budget: anything else is not the paper's procedure. */
    private static JobRequest paper(JobRequest asked) {
        if (asked.getBudget().hasWeightsRatio() || asked.getBudget().hasCacheRatio()) {
            throw invalid("budget", "The paper's search knows one budget for weights and cache together; give a share or a number of bytes, or another search.");
        }
        only("method", asked.getMethod(), List.of("", WANDA));
        only("granularity", asked.getGranularity(), List.of("", "block"));
        only("final", asked.getFinal(), List.of("", SEQUENTIAL, AS_SEARCHED));
        return asked.toBuilder().setMethod(WANDA).setGranularity("block").setFinal(asked.getFinal().isEmpty() ? SEQUENTIAL : asked.getFinal()).build();
    }

    private static void only(String field, String value, List<String> allowed) {
        only(field, value, allowed, "The paper's search goes with %s for the field %s, not with %s; leave the field out, or give another search.".formatted(
                String.join(" or ", allowed.subList(1, allowed.size())), field, Quoted.of(value)));
    }

    private static void only(String field, String value, List<String> allowed, String message) {
        if (!allowed.contains(value)) {
            throw invalid(field, message);
        }
    }

    private static void name(String field, String collection, String name) {
        if (name.isEmpty()) {
            throw invalid(field, "The field %s is missing; give the name of one, as in \"%sID\".".formatted(field, collection));
        }
        if (ResourceIds.id(collection, name).isEmpty()) {
            throw invalid(field, "%s is no name for the field %s; it looks like \"%sID\".".formatted(Quoted.of(name), field, collection));
        }
    }

    private static int number(String field, int value, int standard, int most) {
        if (value < 0 || value > most) {
            throw invalid(field, "%d is out of range for the field %s; give a number from 1 to %d, or leave it out for %d."
                    .formatted(value, field, most, standard));
        }
        return value == 0 ? standard : value;
    }

    private static String choice(String field, String value, List<String> offered) {
        if (value.isEmpty()) {
            return offered.get(0);
        }
        if (!offered.contains(value)) {
            throw invalid(field, "%s is not offered for the field %s; give one of: %s.".formatted(Quoted.of(value), field, String.join(", ", offered)));
        }
        return value;
    }

    private static KogataException invalid(String field, String message) {
        return KogataException.invalid(field, message);
    }
}
