package dev.kogata.orchestrator.flow;

import dev.kogata.common.v1.ElasticPlan;
import dev.kogata.common.v1.Quality;
import dev.kogata.common.v1.Reason;
import dev.kogata.common.v1.SampleSet;
import dev.kogata.evaluator.v1.EvaluateBundleRequest;
import dev.kogata.evaluator.v1.EvaluateBundleResult;
import dev.kogata.evaluator.v1.EvaluatePlanRequest;
import dev.kogata.evaluator.v1.EvaluatePlanResult;
import dev.kogata.kit.error.KogataException;
import dev.kogata.orchestrator.flow.ProfileStage.Profiled;
import dev.kogata.orchestrator.flow.SearchStage.Searched;
import dev.kogata.orchestrator.v1.JobRequest;
import dev.kogata.orchestrator.v1.JobState;
import dev.kogata.pruner.v1.FinalPass;
import dev.kogata.pruner.v1.PruneWeightsRequest;
import dev.kogata.pruner.v1.PruneWeightsResult;
import dev.kogata.quantizer.v1.WriteBundleRequest;
import dev.kogata.quantizer.v1.WriteBundleResult;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleConsumer;
import java.util.function.Supplier;

/**
 * Turns the search's best plans into files and keeps the best of those. All choices are made on the selection set, which the
 * search never saw: first among plans, in the elastic graph; then among files, in stock ONNX Runtime. With TPE the baselines compete too,
 * so what is delivered is never worse there than any of them.
 */
final class CompressStage {

    /**
     * What came out.
     *
     * @param chosen what is delivered
     * @param finalists all plans measured on the selection set, best first
     * @param written all files measured there, in the order they were made
     * @param baselines what the delivered plan is compared with, measured on held-out data
     */
    record Compressed(Written chosen, List<Finalist> finalists, List<Written> written, List<Baseline> baselines) {
    }

    private static final String WANDA = "wanda";

    private final JobContext context;
    private final Profiled profiled;
    private final Search search;

    CompressStage(JobContext context, Profiled profiled) {
        this.context = context;
        this.profiled = profiled;
        this.search = Search.of(context.request());
    }

    Compressed run(Searched searched) {
        context.run().advance(JobState.COMPRESSING, Progress.COMPRESSING, "Measuring the best plans on the selection set.");
        Candidates candidates = new Candidates(search, searched.all());
        List<Finalist> finalists = finalists(candidates);
        List<FinalPass> passes = passes(context.request(), profiled.weights().grid().isPresent());
        List<Finalist> kept = finalists.stream().filter(finalist -> search.delivers(finalist.trial())).limit(context.config().written()).toList();
        StageProgress progress = new StageProgress(context.run(), JobState.COMPRESSING,
                Progress.COMPRESSING + (Progress.VERIFYING - Progress.COMPRESSING) / 4, Progress.VERIFYING, equal((kept.size() * passes.size() + 3) * 3));
        List<Written> written = new ArrayList<>();
        for (Finalist finalist : kept) {
            for (FinalPass pass : passes) {
                written.add(write(finalist, pass, progress, written.size() * 3));
            }
        }
        Optional<Written> repaired = repaired(finalists, written, progress);
        repaired.filter(made -> !written.contains(made)).ifPresent(written::add);
        Written chosen = written.stream().filter(made -> passes.contains(made.pass()) && search.delivers(made.finalist().trial()))
                .min(Comparator.comparingDouble(Written::loss)).orElseThrow();
        if (!Double.isFinite(chosen.loss())) {
            throw new KogataException(Reason.NUMERICAL_FAILURE, "None of the compressed models gives finite numbers on the selection set.");
        }
        Map<String, Written> byHand = new LinkedHashMap<>();
        ranked(finalists, progress, (written.size() + 1) * 3).ifPresent(made -> byHand.put(Baseline.RANKED, made));
        repaired.ifPresent(made -> byHand.put(Baseline.REPAIRED, made));
        progress.say("Measuring the baselines on held-out data.");
        return new Compressed(chosen, finalists, written, new Baselines(this, context.config().trialsAtOnce(), searched, candidates, finalists, byHand).all());
    }

    /** All candidates, measured on the selection set, best first. */
    private List<Finalist> finalists(Candidates candidates) {
        List<Supplier<Finalist>> measurements = candidates.finalists(context.config().finalists()).stream().<Supplier<Finalist>>map(
                trial -> () -> new Finalist(trial, evaluate("selection/" + trial.number(), trial.plan(), profiled.selection()))).toList();
        return SideBySide.all(measurements, context.config().trialsAtOnce()).stream()
                .sorted(Comparator.comparingDouble(Finalist::loss).thenComparingInt(finalist -> finalist.trial().number()))
                .toList();
    }

    /** The strongest plan that can be made by hand: the best uniform one, repaired layer after layer by SparseGPT. */
    private Optional<Written> repaired(List<Finalist> finalists, List<Written> written, StageProgress progress) {
        Optional<Finalist> uniform = finalists.stream().filter(Finalist::uniform).findFirst();
        Optional<Written> known = written.stream().filter(made -> made.pass() == FinalPass.SEQUENTIAL_REPAIRED && made.finalist().equals(uniform.orElse(null))).findFirst();
        return known.isPresent() ? known : uniform.map(finalist -> write(finalist, FinalPass.SEQUENTIAL_REPAIRED, progress, written.size() * 3));
    }

    /** The best uniform plan ranked by Wanda, layer after layer; empty where it was searched with Wanda already. */
    private Optional<Written> ranked(List<Finalist> finalists, StageProgress progress, int firstTask) {
        return context.request().getMethod().equals(WANDA) ? Optional.empty()
                : finalists.stream().filter(Finalist::uniform).findFirst().map(uniform -> write(uniform, FinalPass.SEQUENTIAL, WANDA, WANDA, progress, firstTask));
    }

    private Written write(Finalist finalist, FinalPass pass, StageProgress progress, int firstTask) {
        return write(finalist, pass, context.request().getMethod(), Written.passName(pass), progress, firstTask);
    }

    private Written write(Finalist finalist, FinalPass pass, String method, String name, StageProgress progress, int firstTask) {
        String suffix = finalist.trial().number() + "/" + name;
        String what = "Writing " + finalist.label() + ", " + name + ".";
        progress.say(what);
        ElasticPlan plan = finalist.trial().plan();
        PruneWeightsResult weights = context.tasks().result("weights/" + suffix, PruneWeightsResult.class, id -> context.workers().pruner().pruneWeights(
                PruneWeightsRequest.newBuilder().setRequestId(id).setJob(context.name()).setModel(context.model().getManifest())
                        .setElastic(profiled.elastic()).setCalibration(profiled.calibration()).setPlan(plan).setFinalPass(pass)
                        .setSamples(profiled.search()).setMethod(method).build()),
                share -> progress.done(firstTask, share, what));
        WriteBundleResult files = context.tasks().result("bundle/" + suffix, WriteBundleResult.class, id -> context.workers().quantizer().writeBundle(
                WriteBundleRequest.newBuilder().setRequestId(id).setJob(context.name()).setModel(context.model().getManifest())
                        .setWeights(weights.getWeights()).setCalibration(profiled.calibration()).setPlan(plan).setWorkload(context.request().getWorkload())
                        .addAllFormats(context.formats()).build()),
                share -> progress.done(firstTask + 1, share, what));
        Quality measured = evaluate("bundle-selection/" + suffix, files, profiled.selection(), share -> progress.done(firstTask + 2, share, what));
        return new Written(finalist, pass, weights.getRepairsList(), files, measured);
    }

    private Quality evaluate(String name, WriteBundleResult files, SampleSet samples, DoubleConsumer progress) {
        return context.tasks().result(name, EvaluateBundleResult.class,
                id -> context.workers().evaluator().evaluateBundle(EvaluateBundleRequest.newBuilder().setRequestId(id).setJob(context.name())
                        .setFiles(files.getFiles()).setModel(context.model().getManifest()).setSamples(samples).build()), progress).getQuality();
    }

    private Quality evaluate(String name, ElasticPlan plan, SampleSet samples) {
        return context.tasks().result(name, EvaluatePlanResult.class, id -> context.workers().evaluator().evaluatePlan(
                EvaluatePlanRequest.newBuilder().setRequestId(id).setJob(context.name()).setModel(context.model().getManifest())
                        .setElastic(profiled.elastic()).setCalibration(profiled.calibration()).setSamples(samples).setPlan(plan).setByConversation(true).build()),
                Tasks.QUIET).getQuality();
    }

    /** Held-out quality of a plan in the elastic graph. */
    Quality heldout(Finalist finalist) {
        return evaluate("heldout/" + finalist.trial().number(), finalist.trial().plan(), profiled.heldout());
    }

    /** Held-out quality of written files. */
    Quality heldout(String name, Written written) {
        return evaluate("bundle-heldout/" + name, written.files(), profiled.heldout(), Tasks.QUIET);
    }

    /** @param bank whether what was searched is repaired already */
    private static List<FinalPass> passes(JobRequest request, boolean bank) {
        boolean repairs = request.getMethod().equals(ElasticWeights.REPAIRING);
        return switch (request.getFinal()) {
            case "as-searched" -> List.of(repairs && !bank ? FinalPass.SEQUENTIAL_REPAIRED : FinalPass.AS_SEARCHED);
            case "sequential" -> List.of(repairs ? FinalPass.SEQUENTIAL_REPAIRED : FinalPass.SEQUENTIAL);
            case "repaired" -> List.of(FinalPass.SEQUENTIAL_REPAIRED);
            case "best" -> bank ? List.of(FinalPass.AS_SEARCHED, FinalPass.SEQUENTIAL_REPAIRED)
                    : repairs ? List.of(FinalPass.SEQUENTIAL_REPAIRED) : List.of(FinalPass.AS_SEARCHED, FinalPass.SEQUENTIAL, FinalPass.SEQUENTIAL_REPAIRED);
            default -> throw new IllegalStateException("a job was accepted with the final pass " + request.getFinal());
        };
    }

    private static double[] equal(int tasks) {
        double[] weights = new double[tasks];
        Arrays.fill(weights, 1);
        return weights;
    }
}
