package dev.kogata.orchestrator.flow;

import dev.kogata.common.v1.ElasticPlan;
import dev.kogata.common.v1.Quality;
import dev.kogata.common.v1.SampleSet;
import dev.kogata.core.search.Hypervolume;
import dev.kogata.evaluator.v1.EvaluatePlanRequest;
import dev.kogata.evaluator.v1.EvaluatePlanResult;
import dev.kogata.orchestrator.flow.ProfileStage.Profiled;
import dev.kogata.orchestrator.job.Fronts;
import dev.kogata.orchestrator.job.Trial;
import dev.kogata.orchestrator.plan.Plans;
import dev.kogata.orchestrator.report.FrontDocument;
import dev.kogata.orchestrator.v1.JobState;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** What becomes of a search for the front: its points measured on data that it never saw, and how far it got. No file of a model is written. */
final class FrontStage {

    private static final int VERSION = 1;
    /** Beyond a divergence of 1 nat no answer is worth its bytes. */
    private static final double WORST_KL = 1;
    private static final int PROGRESS_POINTS = 50;

    private final JobContext context;
    private final Profiled profiled;

    FrontStage(JobContext context, Profiled profiled) {
        this.context = context;
        this.profiled = profiled;
    }

    FrontDocument run(List<Trial> trials) {
        context.run().advance(JobState.SEARCHING, Progress.COMPRESSING, "Measuring the points of the front on the selection and held-out sets.");
        List<Trial> front = Fronts.of(trials);
        List<Supplier<FrontDocument.Point>> points = new ArrayList<>();
        for (int i = 0; i < front.size(); i++) {
            int point = i;
            points.add(() -> point(point, front.get(point)));
        }
        var request = context.request();
        var model = context.model();
        long dense = context.projection().cost().denseBytes();
        double seconds = trials.stream().mapToDouble(trial -> trial.quality().map(Quality::getSeconds).orElse(0.0)).sum();
        double proposals = trials.stream().mapToDouble(trial -> trial.moments().proposalSeconds()).sum();
        return new FrontDocument(VERSION, context.name(), Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(), model.getName(), model.getDisplayName(), model.getSha256(),
                context.dataset().getName(), dense, request.getWorkload().getBatch(), request.getWorkload().getContext(), request.getMethod(), Names.seed(request.getSeed()),
                trials.size(), seconds, proposals, hypervolume(trials), new FrontDocument.Reference(dense, WORST_KL), progress(trials),
                SideBySide.all(points, context.config().trialsAtOnce()),
                Fronts.measured(trials).stream().map(trial -> new FrontDocument.Tried(trial.number(), trial.origin(), trial.bytes(), trial.loss())).toList(), remarks());
    }

    private FrontDocument.Point point(int number, Trial trial) {
        Quality selection = evaluate("selection/" + trial.number(), trial.plan(), profiled.selection());
        Quality heldout = evaluate("heldout/" + trial.number(), trial.plan(), profiled.heldout());
        var layers = Plans.allocation(Plans.fromProto(trial.plan()), context.projection().cost()).stream()
                .map(layer -> new FrontDocument.Layer(layer.getLayer(), layer.getSparsity(), layer.getKeyBits(), layer.getValueBits())).toList();
        return new FrontDocument.Point(number, trial.number(), trial.bytes(), trial.bytes() / (double) context.projection().cost().denseBytes(), trial.loss(), selection.getKl(),
                new FrontDocument.Heldout(heldout.getKl(), heldout.getKlStandardError(), heldout.getExact(), heldout.getNll()), layers);
    }

    private Quality evaluate(String name, ElasticPlan plan, SampleSet samples) {
        return context.tasks().result(name, EvaluatePlanResult.class, id -> context.workers().evaluator().evaluatePlan(
                EvaluatePlanRequest.newBuilder().setRequestId(id).setJob(context.name()).setModel(context.model().getManifest())
                        .setElastic(profiled.elastic()).setCalibration(profiled.calibration()).setSamples(samples).setPlan(plan).build()), Tasks.QUIET).getQuality();
    }

    private double hypervolume(List<Trial> trials) {
        double dense = context.projection().cost().denseBytes();
        double[][] losses = Fronts.measured(trials).stream().map(trial -> new double[] {trial.bytes() / dense, trial.loss() / WORST_KL}).toArray(double[][]::new);
        return Hypervolume.of(losses, new double[] {1, 1});
    }

    private List<FrontDocument.Progress> progress(List<Trial> trials) {
        List<FrontDocument.Progress> progress = new ArrayList<>();
        int step = Math.max(1, trials.size() / PROGRESS_POINTS);
        for (int count = step; count <= trials.size(); count += step) {
            progress.add(new FrontDocument.Progress(count, hypervolume(trials.subList(0, count))));
        }
        return progress;
    }

    private List<String> remarks() {
        List<String> remarks = new ArrayList<>();
        remarks.add("Points are plans as searched: a job for one of them delivers it, after a final pass, with a report of its own.");
        remarks.add("The front was found on the search set; on the selection and held-out sets, which it never saw, a point may lose more, and one may beat another.");
        remarks.addAll(Wording.ownSamples(context.request()));
        remarks.addAll(context.model().getInspection().getRemarksList());
        remarks.addAll(context.run().job().getRemarksList());
        return remarks;
    }
}
