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
import dev.kogata.orchestrator.job.Trial;
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
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Turns the search's best plans into files and keeps the best of those. All choices are made on the selection set, which the
 * search never saw: first among plans, in the elastic graph; then among files, in stock ONNX Runtime. Uniform plans compete too,
 * so what is delivered is never worse there than the best uniform one.
 */
final class CompressStage {

    /**
     * What came out.
     *
     * @param chosen what is delivered
     * @param finalists all plans measured on the selection set, best first
     * @param written all files measured there, in the order they were made
     * @param uniform the best uniform plan
     * @param uniformHeldout what held-out data say of it
     */
    record Compressed(Written chosen, List<Finalist> finalists, List<Written> written, Finalist uniform, Quality uniformHeldout) {
    }

    private final JobContext context;
    private final Profiled profiled;

    CompressStage(JobContext context, Profiled profiled) {
        this.context = context;
        this.profiled = profiled;
    }

    Compressed run(List<Trial> trials) {
        context.run().advance(JobState.COMPRESSING, Progress.COMPRESSING, "Measuring the best plans on the selection set.");
        List<Finalist> finalists = finalists(trials);
        List<FinalPass> passes = passes(context.request());
        List<Finalist> kept = finalists.subList(0, Math.min(context.config().written(), finalists.size()));
        StageProgress progress = new StageProgress(context.run(), JobState.COMPRESSING,
                Progress.COMPRESSING + (Progress.VERIFYING - Progress.COMPRESSING) / 4, Progress.VERIFYING, equal(kept.size() * passes.size() * 3 + 1));
        List<Written> written = new ArrayList<>();
        for (Finalist finalist : kept) {
            for (FinalPass pass : passes) {
                progress.say("Writing " + finalist.label() + ", " + Written.passName(pass) + ".");
                written.add(write(finalist, pass, progress, written.size() * 3));
            }
        }
        Written chosen = written.stream().min(Comparator.comparingDouble(Written::loss)).orElseThrow();
        if (!Double.isFinite(chosen.loss())) {
            throw new KogataException(Reason.NUMERICAL_FAILURE, "None of the compressed models gives finite answers on the selection set.");
        }
        progress.say("Measuring the uniform baseline on held-out data.");
        Finalist uniform = finalists.stream().filter(Finalist::uniform).findFirst().orElseThrow();
        Quality uniformHeldout = evaluate("heldout/" + uniform.trial().number(), uniform.trial().plan(), profiled.heldout());
        return new Compressed(chosen, finalists, written, uniform, uniformHeldout);
    }

    /** The best trials and all uniform ones, each plan once, measured on the selection set, best first. */
    private List<Finalist> finalists(List<Trial> trials) {
        Stream<Trial> best = distinct(SearchStage.byLoss(trials)).limit(context.config().finalists());
        // The first trial always is a uniform plan.
        Stream<Trial> uniform = trials.stream().filter(trial -> trial.origin().equals(Finalist.UNIFORM));
        List<Trial> measured = distinct(Stream.concat(best, uniform).sorted(Comparator.comparingInt(Trial::number)).toList()).toList();
        List<Supplier<Finalist>> measurements = measured.stream().<Supplier<Finalist>>map(
                trial -> () -> new Finalist(trial, evaluate("selection/" + trial.number(), trial.plan(), profiled.selection()))).toList();
        return SideBySide.all(measurements, context.config().trialsAtOnce()).stream()
                .sorted(Comparator.comparingDouble(Finalist::loss).thenComparingInt(finalist -> finalist.trial().number()))
                .toList();
    }

    private static Stream<Trial> distinct(List<Trial> trials) {
        Map<ElasticPlan, Trial> byPlan = new LinkedHashMap<>();
        trials.forEach(trial -> byPlan.putIfAbsent(trial.plan(), trial));
        return byPlan.values().stream();
    }

    private Written write(Finalist finalist, FinalPass pass, StageProgress progress, int firstTask) {
        String suffix = finalist.trial().number() + "/" + Written.passName(pass);
        String what = "Writing " + finalist.label() + ", " + Written.passName(pass) + ".";
        ElasticPlan plan = finalist.trial().plan();
        PruneWeightsResult weights = context.tasks().result("weights/" + suffix, PruneWeightsResult.class, id -> context.workers().pruner().pruneWeights(
                PruneWeightsRequest.newBuilder().setRequestId(id).setJob(context.name()).setModel(context.model().getManifest())
                        .setElastic(profiled.elastic()).setCalibration(profiled.calibration()).setPlan(plan).setFinalPass(pass)
                        .setSamples(profiled.search()).setMethod(context.request().getMethod()).build()),
                share -> progress.done(firstTask, share, what));
        WriteBundleResult files = context.tasks().result("bundle/" + suffix, WriteBundleResult.class, id -> context.workers().quantizer().writeBundle(
                WriteBundleRequest.newBuilder().setRequestId(id).setJob(context.name()).setModel(context.model().getManifest())
                        .setWeights(weights.getWeights()).setCalibration(profiled.calibration()).setPlan(plan).setWorkload(context.request().getWorkload()).build()),
                share -> progress.done(firstTask + 1, share, what));
        EvaluateBundleResult measured = context.tasks().result("bundle-selection/" + suffix, EvaluateBundleResult.class,
                id -> context.workers().evaluator().evaluateBundle(EvaluateBundleRequest.newBuilder().setRequestId(id).setJob(context.name())
                        .setFiles(files.getFiles()).setModel(context.model().getManifest()).setSamples(profiled.selection()).build()),
                share -> progress.done(firstTask + 2, share, what));
        return new Written(finalist, pass, weights.getRepairsList(), files, measured.getQuality());
    }

    private Quality evaluate(String name, ElasticPlan plan, SampleSet samples) {
        return context.tasks().result(name, EvaluatePlanResult.class, id -> context.workers().evaluator().evaluatePlan(
                EvaluatePlanRequest.newBuilder().setRequestId(id).setJob(context.name()).setModel(context.model().getManifest())
                        .setElastic(profiled.elastic()).setCalibration(profiled.calibration()).setSamples(samples).setPlan(plan).build()),
                Tasks.QUIET).getQuality();
    }

    private static List<FinalPass> passes(JobRequest request) {
        boolean repairs = request.getMethod().equals("sparsegpt");
        return switch (request.getFinal()) {
            case "as-searched" -> List.of(FinalPass.AS_SEARCHED);
            case "sequential" -> List.of(repairs ? FinalPass.SEQUENTIAL_REPAIRED : FinalPass.SEQUENTIAL);
            case "repaired" -> List.of(FinalPass.SEQUENTIAL_REPAIRED);
            case "best" -> repairs ? List.of(FinalPass.SEQUENTIAL_REPAIRED) : List.of(FinalPass.AS_SEARCHED, FinalPass.SEQUENTIAL, FinalPass.SEQUENTIAL_REPAIRED);
            default -> throw new IllegalStateException("a job was accepted with the final pass " + request.getFinal());
        };
    }

    private static double[] equal(int tasks) {
        double[] weights = new double[tasks];
        Arrays.fill(weights, 1);
        return weights;
    }
}
