package dev.kogata.core.search;

import dev.kogata.core.budget.ElasticPlan;
import dev.kogata.core.budget.Projection;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * The search for a compression plan: sparsity by layer (or by weight, or block of layers), key bits and value bits under one byte budget (after arXiv 2507.20613,
 * which does it with TPE). First the start plans, then a sampler. Every trial meets the budget to the row.
 *
 * <p>Start plans are the same sparsity everywhere with each common cache width, the same with keys wider than values, sparsity
 * growing or falling linearly with depth (arXiv 2502.14770), and those of the caller (OWL, sensitivity, plans of similar models).
 * From the second kind on they take the best common width measured by then.
 *
 * <p>A proposal depends on nothing but seed, number and history: the journal of {@link TrialRecord}s is the search. Parameters in
 * the journal make the plan again, bit for bit, by {@link #plan}. Thread-safe.
 */
public final class PlanSearch implements Sampler, SearchProcedure {

    /** What proposes plans after the start plans. */
    public enum Strategy {
        /** Tree-structured Parzen estimator over all parameters together; of four trials three move the best plan in a few parameters, of twenty one is random. */
        TPE,
        /** The estimator alone, as Optuna runs it. */
        PURE_TPE,
        /** Random plans and nothing else, a baseline. */
        RANDOM,
        /** The start plans, all of them, and nothing else: for fixed rules. */
        STARTS
    }

    /** Slopes of the arithmetic progression: sparsity of the last layer less that of the first. */
    private static final double[] SLOPES = {0.16, -0.16};
    private static final int USUAL_BITS = 4;
    private static final int MOST_REDRAWS = 10;
    private static final double SAME = 1e-9;
    /** One trial of so many is a random plan: what the search must beat, and a look at where it would not go. */
    private static final int RANDOM_EVERY = 20;
    private static final String RANDOM_ORIGIN = "random";

    private final Projection projection;
    private final PlanSpace space;
    private final Sampler sampler;
    private final Sampler random;
    private final Refinement refinement;
    private final Strategy strategy;
    private final List<StartPlan> starts;
    private final int uniformStarts;

    /**
     * A search; {@code starts} are tried after the uniform plans and progressions.
     *
     * @param projection the model's costs and its budget
     */
    public PlanSearch(Projection projection, Granularity granularity, Strategy strategy, long seed, List<StartPlan> starts) {
        this.strategy = strategy;
        this.projection = projection;
        space = new PlanSpace(projection, granularity);
        random = new RandomSampler(space.parameters(), seed);
        sampler = strategy == Strategy.RANDOM ? random : new TpeSampler(space.parameters(), seed);
        refinement = new Refinement(space.parameters());
        this.starts = new ArrayList<>();
        if (strategy == Strategy.RANDOM) {
            uniformStarts = 0;
            return;
        }
        this.starts.addAll(uniform(projection));
        uniformStarts = this.starts.size();
        this.starts.addAll(widerKeys());
        this.starts.addAll(progressions());
        for (StartPlan start : starts) {
            if (start.sparsity().size() != space.layers() || (!start.keyBits().isEmpty() && start.keyBits().size() != space.cacheLayers())) {
                throw new IllegalArgumentException("start plan %s has %d sparsities and %d cache layers, the search %d and %d".formatted(
                        start.origin(), start.sparsity().size(), start.keyBits().size(), space.layers(), space.cacheLayers()));
            }
            this.starts.add(start);
        }
    }

    @Override
    public List<Parameter> parameters() {
        return space.parameters();
    }

    /** How many trials are start plans: the sampler proposes from this number on. */
    public int startPlans() {
        return starts.size();
    }

    @Override
    public double[] ask(int number, List<TrialRecord> history) {
        if (number >= starts.size()) {
            if (isRandom(number)) {
                return space.canonical(random.ask(number, history));
            }
            return refines(number) ? refined(number, history) : space.canonical(sampler.ask(number, history));
        }
        StartPlan start = starts.get(number);
        double[] sparsity = space.byGroup(start.sparsity());
        if (start.keyBits().isEmpty()) {
            ElasticPlan likeBest = plan(bestUniform(history));
            return space.point(sparsity, likeBest.keyBits(), likeBest.valueBits());
        }
        return space.point(sparsity, start.keyBits(), start.valueBits());
    }

    @Override
    public Proposal propose(int number, List<TrialRecord> history) {
        double[] parameters = ask(number, history);
        return new Proposal(number, parameters, plan(parameters), origin(number));
    }

    /** Where the plan of a trial comes from. */
    public String origin(int number) {
        if (number < starts.size()) {
            return starts.get(number).origin();
        }
        if (isRandom(number)) {
            return RANDOM_ORIGIN;
        }
        return refines(number) ? "refinement" : "tpe";
    }

    private boolean isRandom(int number) {
        return strategy == Strategy.RANDOM || number < TpeSampler.STARTUP_TRIALS || strategy == Strategy.TPE && number % RANDOM_EVERY == RANDOM_EVERY - 1;
    }

    private boolean refines(int number) {
        return strategy == Strategy.TPE && number >= TpeSampler.STARTUP_TRIALS && (number - starts.size()) % 4 != 3;
    }

    /** Of some neighbours of the best plan the one that the densities of good and bad trials like best. */
    private double[] refined(int number, List<TrialRecord> history) {
        Optional<TrialRecord> best = best(history);
        if (best.isEmpty()) {
            return space.canonical(sampler.ask(number, history));
        }
        double[] point = best.get().parameters();
        return space.canonical(((TpeSampler) sampler).ask(number, history, (good, random) -> untried(point, history, random)));
    }

    /** A neighbour that no trial has had, as far as a few draws find one. */
    private double[] untried(double[] point, List<TrialRecord> history, SplittableRandom random) {
        double[] neighbour = space.centred(refinement.neighbour(point, random));
        for (int again = 0; again < MOST_REDRAWS && tried(neighbour, history); again++) {
            neighbour = space.centred(refinement.neighbour(point, random));
        }
        return neighbour;
    }

    private static boolean tried(double[] point, List<TrialRecord> history) {
        // Taking the mean off once more moves the last bits.
        return history.stream().anyMatch(trial -> IntStream.range(0, point.length).allMatch(p -> Math.abs(trial.values()[p] - point[p]) < SAME));
    }

    @Override
    public long limit(ElasticPlan plan) {
        return projection.budgetBytes(plan);
    }

    @Override
    public int trials(int asked) {
        return strategy == Strategy.STARTS ? starts.size() : asked;
    }

    @Override
    public ElasticPlan plan(double[] parameters) {
        return space.plan(parameters);
    }

    /** The complete trial of the smallest loss, the first of equal ones. */
    public static Optional<TrialRecord> best(List<TrialRecord> history) {
        return Study.best(history);
    }

    /** Parameters of the best uniform plan measured so far, or of the first one. */
    private double[] bestUniform(List<TrialRecord> history) {
        List<TrialRecord> uniform = history.stream().filter(trial -> trial.number() < uniformStarts).toList();
        return Study.best(uniform).map(TrialRecord::parameters).orElseGet(() -> {
            StartPlan first = starts.get(0);
            return space.point(new double[space.groups()], first.keyBits(), first.valueBits());
        });
    }

    /** One plan for each common width that meets the budget, the usual one first. */
    private List<StartPlan> uniform(Projection projection) {
        List<StartPlan> plans = new ArrayList<>();
        for (int bits : byDistanceFromUsual(space.commonWidths())) {
            if (projection.uniform(bits).isPresent()) {
                plans.add(everywhere("uniform", bits, bits));
            }
        }
        // Without a cache, or where no common width fits, the projection finds widths.
        return plans.isEmpty() ? List.of(everywhere("uniform", USUAL_BITS, USUAL_BITS)) : plans;
    }

    /** The neighbouring pairs around the usual width: keys need more bits than values (arXiv 2502.15075). */
    private List<StartPlan> widerKeys() {
        List<Integer> widths = space.commonWidths();
        int usual = widths.indexOf(USUAL_BITS);
        if (usual < 1 || usual == widths.size() - 1) {
            return List.of();
        }
        return List.of(everywhere("uniform", widths.get(usual), widths.get(usual - 1)), everywhere("uniform", widths.get(usual + 1), widths.get(usual - 1)));
    }

    private List<StartPlan> progressions() {
        int layers = space.layers();
        if (layers < 2) {
            return List.of();
        }
        List<StartPlan> plans = new ArrayList<>();
        for (double slope : SLOPES) {
            plans.add(new StartPlan("arithmetic-progression", IntStream.range(0, layers).mapToObj(l -> slope * (l / (layers - 1.0) - 0.5)).toList()));
        }
        return plans;
    }

    private StartPlan everywhere(String origin, int keyBits, int valueBits) {
        return new StartPlan(origin, Collections.nCopies(space.layers(), 0.0),
                Collections.nCopies(space.cacheLayers(), keyBits), Collections.nCopies(space.cacheLayers(), valueBits));
    }

    private static List<Integer> byDistanceFromUsual(List<Integer> widths) {
        int usual = Math.max(0, widths.indexOf(USUAL_BITS));
        List<Integer> sorted = new ArrayList<>(widths);
        sorted.sort(Comparator.comparingInt(bits -> Math.abs(widths.indexOf(bits) - usual)));
        return sorted;
    }
}
