package dev.kogata.orchestrator.flow;

import dev.kogata.common.v1.Budget;
import dev.kogata.common.v1.CacheLayer;
import dev.kogata.common.v1.Inspection;
import dev.kogata.common.v1.ConversationDivergence;
import dev.kogata.common.v1.Quality;
import dev.kogata.common.v1.SampleSet;
import dev.kogata.common.v1.TagQuality;
import dev.kogata.common.v1.Weight;
import dev.kogata.core.budget.CacheShape;
import dev.kogata.core.budget.ModelCost;
import dev.kogata.core.budget.PlanBytes;
import dev.kogata.core.quality.PairedDifference;
import dev.kogata.core.search.SensitivityStart;
import dev.kogata.evaluator.v1.ProcessMeasurement;
import dev.kogata.evaluator.v1.VerifyResultResult;
import dev.kogata.orchestrator.flow.CompressStage.Compressed;
import dev.kogata.orchestrator.flow.ProfileStage.Profiled;
import dev.kogata.orchestrator.flow.SearchStage.Searched;
import dev.kogata.orchestrator.flow.VerifyStage.Verified;
import dev.kogata.orchestrator.job.Loss;
import dev.kogata.orchestrator.job.Objective;
import dev.kogata.orchestrator.job.Trial;
import dev.kogata.orchestrator.report.PlanDocument;
import dev.kogata.orchestrator.report.ReportData;
import dev.kogata.orchestrator.report.ReportData.Candidate;
import dev.kogata.orchestrator.report.ReportData.QualityNumbers;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Puts the numbers of all stages into one report. Stateless but for what it is made of. */
final class ReportComposer {

    private static final int VERSION = 1;

    private final JobContext context;
    private final Profiled profiled;
    private final Searched searched;
    private final Compressed compressed;
    private final Verified verified;
    private final PlanDocument plan;
    private final VerifyResultResult measured;

    ReportComposer(JobContext context, Profiled profiled, Searched searched, Compressed compressed, Verified verified) {
        this.context = context;
        this.profiled = profiled;
        this.searched = searched;
        this.compressed = compressed;
        this.verified = verified;
        this.plan = verified.plan();
        this.measured = verified.measured();
    }

    ReportData compose(Instant finished) {
        var request = context.request();
        Map<String, QualityNumbers> heldout = heldout();
        Objective objective = context.objective();
        ReportData.Trust trust = Trust.trust(compressed, measured.getHeldout(), answers());
        return new ReportData(VERSION, context.name(), finished.truncatedTo(ChronoUnit.SECONDS).toString(), model(),
                new ReportData.Objective(objective.word(), objective.unit(), objective.noun(), objective.means()),
                new ReportData.BudgetMet(asked(request.getBudget()), plan.budgetBytes(), plan.bytes(), plan.budgetBytes() - plan.bytes(), plan.denseBytes(),
                        request.getWorkload().getBatch(), request.getWorkload().getContext()),
                bytes(), layers(), CacheReport.of(profiled.caches()), search(), Trust.elastic(profiled), trust, selection(), repairs(), heldout,
                both(memory(plan.denseBytes(), measured.getDense()), memory(plan.bytes(), measured.getDelivered())),
                both(latency(measured.getDense()), latency(measured.getDelivered())),
                verification(),
                measured.getChangedAnswersList().stream().map(a -> new ReportData.ChangedAnswer(a.getConversation(), a.getTurn(), a.getTag(), a.getQuestion(),
                        a.getExpected(), a.getDense(), a.getCompressed(), a.getPicturesList().stream().map(p -> new ReportData.Picture(p.getPath(), p.getSha256())).toList())).toList(),
                data(), Wording.howMeasured(context, profiled, measured), Wording.remarks(context, profiled, searched, compressed, heldout, measured, trust), environment(),
                Verdict.of(request.getThresholds(), profiled.heldout().getDense(), measured), cost(finished), Reproduction.of(context, measured), Serving.of(context.model().getInspection(), measured));
    }

    private boolean answers() {
        return context.objective().answers();
    }

    /** A number about answers; absent where the model gives none. */
    private <T> T ofAnswers(T number) {
        return answers() ? number : null;
    }

    private ReportData.Verification verification() {
        double selected = Loss.of(compressed.chosen().selection()).value(), delivered = Loss.of(measured.getSelection()).value();
        return new ReportData.Verification(selected, delivered, ofAnswers(selected), ofAnswers(delivered), ofAnswers(measured.getStepAgainstPrefill()), measured.getRecountedBytes());
    }

    private ReportData.Model model() {
        var model = context.model();
        Inspection found = model.getInspection();
        return new ReportData.Model(model.getName(), model.getDisplayName(), model.getSha256(), found.getLayout(),
                found.getComponentsList().stream().map(c -> new ReportData.Component(c.getName(), c.getFile(), c.getLayers(), c.getTensorBytes())).toList(),
                found.getUntouchedList().stream().limit(20).map(t -> new ReportData.Untouched(t.getName(), t.getFile(), t.getBytes(), t.getWhy())).toList());
    }

    private static String asked(Budget budget) {
        return switch (budget.getTotalCase()) {
            case RATIO -> percent(budget.getRatio()) + " of the dense total";
            case BYTES -> budget.getBytes() + " bytes";
            case TOTAL_NOT_SET -> percent(budget.getWeightsRatio()) + " of the weights, " + percent(budget.getCacheRatio()) + " of the cache";
        };
    }

    private static String percent(double ratio) {
        return String.format(Locale.ROOT, "%.4g %%", ratio * 100);
    }

    private List<ReportData.PartBytes> bytes() {
        PlanBytes dense = context.projection().cost().dense();
        long weights = plan.weights().stream().mapToLong(PlanDocument.Weight::bytes).sum();
        long cache = plan.layers().stream().mapToLong(PlanDocument.Layer::cacheBytes).sum();
        List<ReportData.PartBytes> parts = new ArrayList<>(List.of(
                new ReportData.PartBytes("untouched tensors", dense.untouched(), plan.untouchedBytes()),
                new ReportData.PartBytes("pruned weights", dense.weights(), weights)));
        if (dense.cache() > 0) {
            parts.add(new ReportData.PartBytes("cache at the workload", dense.cache(), cache));
        }
        return parts;
    }

    private List<ReportData.Layer> layers() {
        TreeMap<Integer, List<ReportData.Weight>> weights = new TreeMap<>();
        TreeMap<Integer, long[]> zerosAndValues = new TreeMap<>();
        List<Weight> found = context.model().getInspection().getWeightsList();
        for (int i = 0; i < found.size(); i++) {
            Weight weight = found.get(i);
            PlanDocument.Weight given = plan.weights().get(i);
            long values = weight.getRows() * weight.getColumns();
            weights.computeIfAbsent(weight.getLayer(), layer -> new ArrayList<>()).add(new ReportData.Weight(weight.getName(), weight.getRole(),
                    given.sparsity(), given.encoding(), given.bytes(), values * weight.getValueBytes()));
            long[] sums = zerosAndValues.computeIfAbsent(weight.getLayer(), layer -> new long[2]);
            sums[0] += given.zeros();
            sums[1] += values;
        }
        plan.layers().forEach(cache -> weights.computeIfAbsent(cache.layer(), layer -> new ArrayList<>()));
        return weights.entrySet().stream().map(entry -> layer(entry.getKey(), entry.getValue(), zerosAndValues.getOrDefault(entry.getKey(), new long[] {0, 1}))).toList();
    }

    private ReportData.Layer layer(int number, List<ReportData.Weight> weights, long[] zerosAndValues) {
        PlanDocument.Layer cache = plan.layers().stream().filter(layer -> layer.layer() == number).findFirst().orElse(new PlanDocument.Layer(number, 0, 0, "", 0, ""));
        ModelCost cost = context.projection().cost();
        List<CacheLayer> shapes = context.model().getInspection().getCacheLayersList();
        long denseCache = IntStream.range(0, shapes.size()).filter(i -> shapes.get(i).getLayer() == number)
                .mapToLong(i -> cost.cacheBytes(i, CacheShape.AS_IS, CacheShape.AS_IS)).sum();
        return new ReportData.Layer(number, zerosAndValues[0] / (double) Math.max(1, zerosAndValues[1]),
                weights.stream().mapToLong(ReportData.Weight::bytes).sum(), weights.stream().mapToLong(ReportData.Weight::denseBytes).sum(),
                cache.keyBits(), cache.valueBits(), cache.cacheFormat(), cache.why(), cache.cacheBytes(), denseCache, weights);
    }

    private ReportData.Search search() {
        List<ReportData.Trial> history = new ArrayList<>();
        double best = Double.POSITIVE_INFINITY;
        double proposalSeconds = 0;
        int infeasible = 0;
        for (Trial trial : searched.trials()) {
            boolean whole = trial.state() == Trial.State.COMPLETE && Double.isFinite(trial.loss());
            best = whole ? Math.min(best, trial.loss()) : best;
            proposalSeconds += trial.moments().proposalSeconds();
            infeasible += trial.state() == Trial.State.INFEASIBLE ? 1 : 0;
            history.add(new ReportData.Trial(trial.number(), trial.origin(), trial.state() == Trial.State.INFEASIBLE ? null : trial.loss(), trial.state().word(),
                    Double.isFinite(best) ? best : null, trial.bytes()));
        }
        Trial winner = SearchStage.byLoss(searched.trials()).get(0);
        return new ReportData.Search(plan.search(), context.request().getGranularity(), plan.method(), context.request().getFinal(), plan.seed(), plan.trials(), measuringSeconds(),
                proposalSeconds, infeasible, winner.number(), winner.loss(), history, sensitivity());
    }

    private List<ReportData.Sensitivity> sensitivity() {
        return searched.starts().measured().stream().map(measured -> {
            var probe = measured.probe();
            boolean weights = probe.part() == SensitivityStart.Part.WEIGHTS;
            return new ReportData.Sensitivity(probe.part().name().toLowerCase(Locale.ROOT), probe.layer(), weights ? probe.sparsity() : null, weights ? null : probe.bits(),
                    probe.bytes(), measured.loss(), ofAnswers(measured.loss()));
        }).toList();
    }

    private List<Candidate> selection() {
        List<Candidate> candidates = new ArrayList<>();
        for (Finalist finalist : compressed.finalists()) {
            candidates.add(candidate(finalist, "elastic graph", "as-searched", finalist.selection(), finalist.trial().bytes(), false));
        }
        for (Written written : compressed.written()) {
            candidates.add(candidate(written.finalist(), "written files", written.passName(), written.selection(), written.files().getTotalBytes(),
                    written == compressed.chosen()));
        }
        return candidates;
    }

    private List<ReportData.Repair> repairs() {
        return compressed.chosen().repairs().stream().map(r -> new ReportData.Repair(r.getWeight(), r.getDamping(), r.getLoss())).toList();
    }

    private Candidate candidate(Finalist finalist, String stage, String pass, Quality quality, long bytes, boolean chosen) {
        Loss loss = Loss.of(quality);
        return new Candidate(finalist.label(), finalist.trial().number(), stage, pass, finalist.trial().loss(), loss.value(), loss.standardError(),
                ofAnswers(finalist.trial().loss()), ofAnswers(loss.value()), ofAnswers(loss.standardError()), ofAnswers(quality.getExact()), bytes, chosen);
    }

    private Map<String, QualityNumbers> heldout() {
        Map<String, QualityNumbers> heldout = new LinkedHashMap<>();
        Written chosen = compressed.chosen();
        heldout.put("dense", numbers(profiled.heldout().getDense(), plan.denseBytes(), 0, null, "", null));
        double passes = searched.starts().passes() + searched.all().stream().filter(trial -> trial.quality().isPresent()).count();
        heldout.put("delivered", numbers(measured.getHeldout(), plan.bytes(), passes, chosen.finalist().trial().number(), chosen.passName(), null));
        for (Baseline baseline : compressed.baselines()) {
            heldout.put(baseline.name(), numbers(baseline.heldout(), baseline.bytes(), baseline.forwardPasses(), baseline.finalist().trial().number(), baseline.pass(),
                    againstDelivered(baseline.heldout())));
        }
        return heldout;
    }

    private static List<ReportData.Tag> tags(List<TagQuality> tags) {
        return tags.stream().map(tag -> new ReportData.Tag(tag.getTag(), tag.getExact(), tag.getKl(), tag.getTurns())).toList();
    }

    /** Null where one of the two was not measured conversation by conversation. */
    private ReportData.Difference againstDelivered(Quality baseline) {
        double[] delivered = losses(measured.getHeldout()), other = losses(baseline);
        if (delivered.length == 0 || delivered.length != other.length) {
            return null;
        }
        PairedDifference difference = PairedDifference.of(other, delivered, weights(measured.getHeldout()));
        return Double.isFinite(difference.difference()) ? new ReportData.Difference(difference.difference(), ofAnswers(difference.difference()), difference.standardError(),
                difference.standardErrors()) : null;
    }

    /** What every conversation adds, or every picture. */
    private static double[] losses(Quality quality) {
        return quality.hasFeatures() ? quality.getFeatures().getByPictureList().stream().mapToDouble(e -> e).toArray()
                : quality.getByConversationList().stream().mapToDouble(ConversationDivergence::getKl).toArray();
    }

    /** How much each counts in the mean. */
    private static int[] weights(Quality quality) {
        return quality.hasFeatures() ? quality.getFeatures().getByPictureList().stream().mapToInt(e -> 1).toArray()
                : quality.getByConversationList().stream().mapToInt(ConversationDivergence::getAnswerTokens).toArray();
    }

    private QualityNumbers numbers(Quality quality, long bytes, double passes, Integer trial, String pass, ReportData.Difference difference) {
        Loss loss = Loss.of(quality);
        boolean features = !answers();
        return new QualityNumbers(loss.value(), loss.standardError(), ofAnswers(loss.value()), ofAnswers(loss.standardError()), features ? loss.value() : null,
                features ? loss.standardError() : null, ofAnswers(quality.getExact()), ofAnswers(quality.getNll()), bytes, passes, trial, pass, difference,
                ofAnswers(quality.getConversations()), ofAnswers(quality.getTurns()), ofAnswers(quality.getAnswerTokens()), features ? quality.getFeatures().getPictures() : null,
                tags(quality.getTagsList()), tags(quality.getModalitiesList()));
    }

    private ReportData.Memory memory(long encoded, ProcessMeasurement process) {
        return new ReportData.Memory(encoded, process.getPeakResidentBytes(), ofAnswers(process.getCacheBytes()), ofAnswers(process.getCacheTokens()));
    }

    private ReportData.Latency latency(ProcessMeasurement process) {
        return new ReportData.Latency(ofAnswers(process.getPrefillSeconds()), ofAnswers(process.getPromptTokens()), ofAnswers(process.getDecodeSecondsPerToken()),
                ofAnswers(process.getDecodeTokens()), answers() ? null : process.getPictureSeconds(), process.getLoadSeconds(), process.getThreads());
    }

    private static <T> Map<String, T> both(T dense, T delivered) {
        Map<String, T> both = new LinkedHashMap<>();
        both.put("dense", dense);
        both.put("delivered", delivered);
        return both;
    }

    private ReportData.Data data() {
        return new ReportData.Data(context.dataset().getName(), context.dataset().getSha256(),
                context.heldout().map(heldout -> heldout.getName()).orElse(""), context.heldout().map(heldout -> heldout.getSha256()).orElse(""),
                count(profiled.search()), count(profiled.selection()), count(profiled.heldout()));
    }

    private ReportData.SampleCount count(SampleSet samples) {
        return new ReportData.SampleCount(ofAnswers(samples.getConversations()), ofAnswers(samples.getTurns()), ofAnswers(samples.getAnswerTokens()), ofAnswers(samples.getWithImages()),
                answers() ? null : samples.getPictures());
    }

    private ReportData.Cost cost(Instant finished) {
        var accepted = context.run().job().getCreateTime();
        return new ReportData.Cost(Duration.between(Instant.ofEpochSecond(accepted.getSeconds(), accepted.getNanos()), finished).toMillis() / 1000.0,
                measuringSeconds(), searched.trials().size());
    }

    private double measuringSeconds() {
        return searched.trials().stream().mapToDouble(trial -> trial.quality().map(Quality::getSeconds).orElse(0.0)).sum();
    }

    private Map<String, String> environment() {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("orchestrator", "Java " + Runtime.version() + ", " + System.getProperty("os.name") + " " + System.getProperty("os.arch")
                + ", " + Runtime.getRuntime().availableProcessors() + " processors");
        environment.put("threads of the measured processes", Integer.toString(measured.getDelivered().getThreads()));
        return environment;
    }
}
