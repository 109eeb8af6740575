package dev.kogata.bench.delivered;

import dev.kogata.core.budget.ByteBudget;
import dev.kogata.core.budget.ElasticPlan;
import dev.kogata.core.budget.Projection;
import dev.kogata.core.quality.Quality;
import dev.kogata.core.search.Granularity;
import dev.kogata.core.search.PaperSearch;
import dev.kogata.core.search.PlanSearch;
import dev.kogata.core.search.SensitivityStart;
import dev.kogata.core.search.TrialRecord;
import dev.kogata.onnx.dataset.Conversation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** What can be done at a budget: each procedure's delivered weights on held-out conversations, which no choice ever sees. */
final class Procedures {
    /** Best plans that files are written for, as jobs do by default. */
    private static final int WRITTEN = 3;
    private static final int FINALISTS = 5;
    /** Of the search set, what a probe of a single layer sees. */
    private static final int PART = 4;
    private static final double NO_LIMIT = Double.POSITIVE_INFINITY;

    private final Workbench bench;
    private final long seed;
    private final double budget;
    private final int trials;

    Procedures(Workbench bench, long seed, double budget, int trials) {
        this.bench = bench;
        this.seed = seed;
        this.budget = budget;
        this.trials = trials;
    }

    private Row row(String procedure, double selection, Quality heldout, long start, String how) {
        return new Row(seed, budget, procedure, selection, heldout, (System.nanoTime() - start) / 1e9, how);
    }

    /** arXiv 2507.20613: its search, the best trial of it delivered by sequential Wanda. */
    Row paper() throws Exception {
        long start = System.nanoTime();
        Projection projection = new Projection(bench.levelCost(), new ByteBudget.Ratio(budget));
        long bytes = projection.budgetBytes(projection.uniform(4).orElseThrow());
        Journal journal = new Journal(new PaperSearch(bench.levelCost(), bytes, seed), bench.levelCost());
        journal.run(trials, (plan, limit) -> bench.onLevels(plan, bench.search(), limit));
        TrialRecord best = journal.best().get(0);
        try (Workbench.Solved solved = bench.sequentialWanda(journal.plan(best))) {
            return row("paper", Double.NaN, solved.on(bench.heldout()), start,
                    String.format(Locale.ROOT, "trial %d, search %.6f, %d of %d infeasible", best.number(), best.loss(), journal.infeasible(), trials));
        }
    }

    /** The same sparsity everywhere by sequential Wanda, with the cache width that does best on the selection set. */
    Row uniformWanda() throws Exception {
        long start = System.nanoTime();
        ElasticPlan best = uniform().stream().min(Comparator.comparingDouble(plan -> bench.onLevels(plan, bench.selection(), NO_LIMIT))).orElseThrow();
        try (Workbench.Solved solved = bench.sequentialWanda(best)) {
            return row("uniform-wanda", solved.on(bench.selection()).kl(), solved.on(bench.heldout()), start, best.keyBits().get(0) + " bits");
        }
    }

    /**
     * The same sparsity everywhere by sequential SparseGPT, with the cache width that does best on the selection set: of the two widths
     * whose plans on the bank do best there, the one whose weights, solved layer by layer, do.
     */
    Row uniformSparseGpt() throws Exception {
        long start = System.nanoTime();
        Projection bank = new Projection(bench.bankCost(), new ByteBudget.Ratio(budget));
        List<ElasticPlan> promising = uniform().stream().sorted(Comparator.comparingDouble(plan ->
                bench.onBank(bank.uniform(plan.keyBits().get(0)).orElseThrow(), bench.selection(), NO_LIMIT))).limit(2).toList();
        Row best = null;
        for (ElasticPlan plan : promising) {
            try (Workbench.Solved solved = bench.sequentialSparseGpt(plan)) {
                double selection = solved.on(bench.selection()).kl();
                if (best == null || selection < best.selection()) {
                    best = row("uniform-sparsegpt", selection, solved.on(bench.heldout()), start, plan.keyBits().get(0) + " bits");
                }
            }
        }
        return best;
    }

    /** One plan for each width that all caches can have and that meets the budget. */
    private List<ElasticPlan> uniform() {
        Projection projection = new Projection(bench.levelCost(), new ByteBudget.Ratio(budget));
        List<Integer> widths = bench.levelCost().cacheLayers().get(0).widths().stream().filter(bits -> bits > 0).toList();
        return widths.stream().flatMap(bits -> projection.uniform(bits).stream()).toList();
    }

    /** Kogata's default: TPE on the bank from a sensitivity start; finalists and final passes chosen on the selection set. */
    Row kogata() throws Exception {
        long start = System.nanoTime();
        Projection projection = new Projection(bench.bankCost(), new ByteBudget.Ratio(budget));
        SensitivityStart sensitivity = new SensitivityStart(projection);
        List<Conversation> part = IntStream.range(0, bench.search().size()).filter(i -> i % PART == 0).mapToObj(bench.search()::get).toList();
        double[] probes = sensitivity.probes().stream().mapToDouble(probe -> bench.onBank(probe.plan(), part, NO_LIMIT)).toArray();
        Journal journal = new Journal(new PlanSearch(projection, Granularity.LAYER, PlanSearch.Strategy.TPE, seed, List.of(sensitivity.plan(probes))), projection.cost());
        journal.run(trials, (plan, limit) -> bench.onBank(plan, bench.search(), limit));
        double searching = (System.nanoTime() - start) / 1e9;
        Row best = null;
        for (TrialRecord finalist : finalists(journal)) {
            ElasticPlan plan = journal.plan(finalist);
            String how = String.format(Locale.ROOT, "trial %d, search %.6f, thinking %.2f %% of %.0f s, ", finalist.number(), finalist.loss(), 100 * journal.proposalSeconds() / searching, searching);
            Quality selection = bench.asSearched(plan, bench.selection());
            if (best == null || selection.kl() < best.selection()) {
                best = row("kogata", selection.kl(), bench.asSearched(plan, bench.heldout()), start, how + "as searched");
            }
            try (Workbench.Solved solved = bench.sequentialOfBank(plan)) {
                double repaired = solved.on(bench.selection()).kl();
                if (repaired < best.selection()) {
                    best = row("kogata", repaired, solved.on(bench.heldout()), start, how + "repaired");
                }
            }
        }
        return best;
    }

    /** Of the best plans of the search, each once, those that do best on the selection set. */
    private List<TrialRecord> finalists(Journal journal) {
        List<TrialRecord> best = new ArrayList<>();
        for (TrialRecord record : journal.best()) {
            if (best.size() < FINALISTS && best.stream().noneMatch(kept -> journal.plan(kept).equals(journal.plan(record)))) {
                best.add(record);
            }
        }
        return best.stream().sorted(Comparator.comparingDouble(record -> bench.onBank(journal.plan(record), bench.selection(), NO_LIMIT))).limit(WRITTEN).toList();
    }
}
