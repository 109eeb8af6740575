package dev.kogata.core.search;

import dev.kogata.core.budget.ByteBudget;
import dev.kogata.core.budget.ElasticPlan;
import dev.kogata.core.budget.ModelCost;
import dev.kogata.core.budget.Projection;
import dev.kogata.core.budget.ReachableBytes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The search for the front of bytes against loss: the plans that no other one beats in both. The budget is one more parameter, a
 * share of the way from the least to the most that the model can weigh; each plan meets its own to the row. First uniform plans at budgets evenly
 * spaced, then {@link MultiObjectiveTpeSampler}. A proposal depends on nothing but seed, number and history. Thread-safe.
 */
public final class ParetoSearch implements SearchProcedure {

    /** Uniform plans to begin with. */
    private static final int LADDER = 9;
    private static final int USUAL_BITS = 4;

    private final ModelCost cost;
    private final Granularity granularity;
    private final ReachableBytes reachable;
    private final List<Parameter> parameters;
    private final MultiObjectiveTpeSampler sampler;
    /** Bytes of plans by trial, which are the same whenever they are asked for. */
    private final Map<Integer, Double> bytes = new ConcurrentHashMap<>();

    public ParetoSearch(ModelCost cost, Granularity granularity, long seed) {
        this.cost = cost;
        this.granularity = granularity;
        reachable = Projection.reachable(cost);
        parameters = new ArrayList<>(List.of(new Parameter.Real("budget", 0, 1)));
        parameters.addAll(space(1).parameters());
        sampler = new MultiObjectiveTpeSampler(parameters, seed);
    }

    @Override
    public Proposal propose(int number, List<TrialRecord> history) {
        if (number < LADDER) {
            double share = (number + 1.0) / LADDER;
            PlanSpace space = space(share);
            List<Integer> widths = Collections.nCopies(space.cacheLayers(), USUAL_BITS);
            double[] point = with(share, space.point(new double[space.groups()], widths, widths));
            return new Proposal(number, point, plan(point), "uniform");
        }
        double[] asked = sampler.ask(number, history.stream().map(this::trial).toList());
        double[] point = with(asked[0], space(asked[0]).canonical(rest(asked)));
        return new Proposal(number, point, plan(point), "tpe");
    }

    @Override
    public ElasticPlan plan(double[] point) {
        return space(point[0]).plan(rest(point));
    }

    @Override
    public long limit(ElasticPlan plan) {
        return reachable.maximum();
    }

    @Override
    public int trials(int asked) {
        return asked;
    }

    /** The space of plans of one budget. */
    private PlanSpace space(double share) {
        long budget = reachable.minimum() + Math.round(share * (reachable.maximum() - reachable.minimum()));
        return new PlanSpace(new Projection(cost, new ByteBudget.Bytes(Math.max(1, budget))), granularity);
    }

    private ParetoTrial trial(TrialRecord trial) {
        ParetoTrial asked = ParetoTrial.running(trial.number(), trial.values());
        return switch (trial.state()) {
            case RUNNING -> asked;
            case COMPLETE -> asked.told(bytes.computeIfAbsent(trial.number(), number -> (double) cost.bytes(plan(trial.values())).total()), trial.loss());
            case STOPPED, FAILED -> asked.told(Double.NaN);
        };
    }

    private static double[] with(double share, double[] point) {
        double[] whole = new double[point.length + 1];
        whole[0] = share;
        System.arraycopy(point, 0, whole, 1, point.length);
        return whole;
    }

    private static double[] rest(double[] point) {
        return java.util.Arrays.copyOfRange(point, 1, point.length);
    }
}
