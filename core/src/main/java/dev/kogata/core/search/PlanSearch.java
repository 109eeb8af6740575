package dev.kogata.core.search;

import dev.kogata.core.budget.ElasticPlan;
import dev.kogata.core.budget.Projection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * The search for a compression plan: per-layer sparsity, key bits and value bits under one byte budget (after arXiv 2507.20613,
 * which does it with TPE). First the start plans, then a sampler. Every trial meets the budget to the row.
 *
 * <p>Start plans are the same sparsity everywhere with each common cache width, the same with keys wider than values, sparsity
 * growing or falling linearly with depth (arXiv 2502.14770), and those of the caller (OWL, sensitivity, plans of similar models).
 * From the second kind on they take the best common width measured by then.
 *
 * <p>A proposal depends on nothing but seed, number and history: the journal of {@link TrialRecord}s is the search. Parameters in
 * the journal make the plan again, bit for bit, by {@link #plan}. Thread-safe.
 */
public final class PlanSearch implements Sampler {

    /** What proposes plans after the start plans. */
    public enum Strategy {
        /** Tree-structured Parzen estimator over all parameters together; of four trials three move the best plan in a few parameters. */
        TPE,
        /** The estimator alone, as Optuna runs it. */
        PURE_TPE,
        /** Random plans, the baseline. */
        RANDOM
    }

    /**
     * A plan to try. Immutable.
     *
     * @param number number of the trial
     * @param parameters what goes into the journal
     * @param plan what to measure
     * @param origin where it came from: {@code uniform}, {@code arithmetic-progression}, {@code tpe}, {@code refinement}, {@code random}, or a start plan's
     */
    public record Proposal(int number, double[] parameters, ElasticPlan plan, String origin) {
    }

    /** Slopes of the arithmetic progression: sparsity of the last layer less that of the first. */
    private static final double[] SLOPES = {0.16, -0.16};
    private static final int USUAL_BITS = 4;
    private static final int MOST_REDRAWS = 10;

    private final PlanSpace space;
    private final Sampler sampler;
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
        space = new PlanSpace(projection, granularity);
        sampler = strategy == Strategy.RANDOM ? new RandomSampler(space.parameters(), seed) : new TpeSampler(space.parameters(), seed);
        refinement = new Refinement(space.parameters());
        this.starts = new ArrayList<>(uniform(projection));
        uniformStarts = this.starts.size();
        this.starts.addAll(widerKeys());
        this.starts.addAll(progressions(granularity));
        for (StartPlan start : starts) {
            if (start.sparsity().size() != space.groups() || (!start.keyBits().isEmpty() && start.keyBits().size() != space.cacheLayers())) {
                throw new IllegalArgumentException("start plan %s has %d sparsities and %d cache layers, the search %d and %d".formatted(
                        start.origin(), start.sparsity().size(), start.keyBits().size(), space.groups(), space.cacheLayers()));
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
            return refines(number) ? refined(number, history) : space.canonical(sampler.ask(number, history));
        }
        StartPlan start = starts.get(number);
        double[] sparsity = start.sparsity().stream().mapToDouble(Double::doubleValue).toArray();
        if (start.keyBits().isEmpty()) {
            ElasticPlan likeBest = plan(bestUniform(history));
            return space.point(sparsity, likeBest.keyBits(), likeBest.valueBits());
        }
        return space.point(sparsity, start.keyBits(), start.valueBits());
    }

    /** {@link #ask} with the plan and where it came from. */
    public Proposal propose(int number, List<TrialRecord> history) {
        double[] parameters = ask(number, history);
        return new Proposal(number, parameters, plan(parameters), origin(number));
    }

    /** Where the plan of a trial comes from. */
    public String origin(int number) {
        if (number < starts.size()) {
            return starts.get(number).origin();
        }
        if (strategy == Strategy.RANDOM || number < TpeSampler.STARTUP_TRIALS) {
            return "random";
        }
        return refines(number) ? "refinement" : "tpe";
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
        return history.stream().anyMatch(trial -> Arrays.equals(trial.values(), point));
    }

    /** The plan of parameters from the journal. */
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

    private List<StartPlan> progressions(Granularity granularity) {
        if (granularity != Granularity.LAYER || space.groups() < 2) {
            return List.of();
        }
        List<StartPlan> plans = new ArrayList<>();
        for (double slope : SLOPES) {
            List<Double> sparsity = new ArrayList<>();
            for (int g = 0; g < space.groups(); g++) {
                sparsity.add(slope * (g / (space.groups() - 1.0) - 0.5));
            }
            plans.add(new StartPlan("arithmetic-progression", sparsity));
        }
        return plans;
    }

    private StartPlan everywhere(String origin, int keyBits, int valueBits) {
        return new StartPlan(origin, Collections.nCopies(space.groups(), 0.0),
                Collections.nCopies(space.cacheLayers(), keyBits), Collections.nCopies(space.cacheLayers(), valueBits));
    }

    private static List<Integer> byDistanceFromUsual(List<Integer> widths) {
        int usual = Math.max(0, widths.indexOf(USUAL_BITS));
        List<Integer> sorted = new ArrayList<>(widths);
        sorted.sort(Comparator.comparingInt(bits -> Math.abs(widths.indexOf(bits) - usual)));
        return sorted;
    }
}
