package dev.kogata.bench.delivered;

import dev.kogata.core.budget.ElasticPlan;
import dev.kogata.core.budget.ModelCost;
import dev.kogata.core.search.Proposal;
import dev.kogata.core.search.SearchProcedure;
import dev.kogata.core.search.TrialRecord;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Runs a search as jobs do, one trial at a time: plans over their budget are not measured, and losing ones not to their end. */
final class Journal {
    /** TPE learns from at most so many good trials: nothing above the last of them ever matters. */
    private static final int KEPT = 25;

    private final SearchProcedure procedure;
    private final ModelCost cost;
    private final List<TrialRecord> records = new ArrayList<>();
    private final Map<Integer, ElasticPlan> plans = new HashMap<>();
    private int infeasible;
    private double proposing;

    Journal(SearchProcedure procedure, ModelCost cost) {
        this.procedure = procedure;
        this.cost = cost;
    }

    /** Measures a plan: its divergence, or a lower bound above the limit. */
    @FunctionalInterface
    interface Loss {
        double of(ElasticPlan plan, double limit);
    }

    void run(int trials, Loss loss) {
        for (int number = 0; number < trials; number++) {
            long start = System.nanoTime();
            Proposal proposal = procedure.propose(number, records);
            proposing += (System.nanoTime() - start) / 1e9;
            plans.put(number, proposal.plan());
            TrialRecord asked = TrialRecord.running(number, proposal.parameters());
            if (cost.bytes(proposal.plan()).total() > procedure.limit(proposal.plan())) {
                infeasible++;
                records.add(asked.stopped(Double.POSITIVE_INFINITY));
                continue;
            }
            List<TrialRecord> best = best();
            double limit = best.size() < KEPT ? Double.POSITIVE_INFINITY : best.get(KEPT - 1).loss();
            double measured = loss.of(proposal.plan(), limit);
            records.add(measured > limit ? asked.stopped(measured) : asked.told(measured));
        }
    }

    /** Trials measured whole, best first. */
    List<TrialRecord> best() {
        return records.stream().filter(record -> record.state() == TrialRecord.State.COMPLETE)
                .sorted(Comparator.comparingDouble(TrialRecord::loss).thenComparingInt(TrialRecord::number)).toList();
    }

    ElasticPlan plan(TrialRecord record) {
        return plans.get(record.number());
    }

    int infeasible() {
        return infeasible;
    }

    /** Seconds in which the search thought of its plans. */
    double proposalSeconds() {
        return proposing;
    }
}
