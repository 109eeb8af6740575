package dev.kogata.quantizer;

import dev.kogata.common.v1.CacheFormat;
import dev.kogata.core.cache.StaticScale;
import dev.kogata.kit.artifact.Artifacts;
import dev.kogata.kit.worker.TaskContext;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.bundle.CacheLayer;
import dev.kogata.onnx.elastic.CacheRangeFile;
import dev.kogata.onnx.elastic.CacheStatistics;
import dev.kogata.onnx.elastic.CacheTrials;
import dev.kogata.onnx.elastic.ElasticGraph;
import dev.kogata.onnx.elastic.ElasticModel;
import dev.kogata.onnx.elastic.ElasticSession;
import dev.kogata.onnx.graph.NativeScales;
import dev.kogata.onnx.graph.RotaryPairs;
import dev.kogata.onnx.prompt.PromptEncoder;
import dev.kogata.onnx.sample.Sample;
import dev.kogata.onnx.score.Batching;
import dev.kogata.quantizer.v1.CacheSide;
import dev.kogata.quantizer.v1.CalibrateCacheRequest;
import dev.kogata.quantizer.v1.CalibrateCacheResult;
import dev.kogata.quantizer.v1.ScaleThreshold;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SplittableRandom;

/**
 * Measures how large keys and values get, by layer, head and channel, text and image tokens apart, in one pass of the dense model
 * over the samples; and where plans may use the native format, chooses its static scales by what they cost.
 */
final class CalibrateTask {
    /** Which tokens are sampled; any will do, as long as it is always the same. */
    private static final long SEED = 17;
    /** Conversations that thresholds are compared on. */
    private static final int COMPARED = 32;

    private final TaskContext context;
    private final int threads;

    CalibrateTask(TaskContext context, int threads) {
        this.context = context;
        this.threads = threads;
    }

    CalibrateCacheResult run(CalibrateCacheRequest request) throws Exception {
        Bundle bundle = Bundle.open(context.folder(request.getModel()));
        Path file = context.workFolder().resolve("calibration.safetensors");
        CalibrateCacheResult.Builder answer = CalibrateCacheResult.newBuilder();
        if (bundle.cacheLayers().stream().noneMatch(l -> l.widths().size() > 1)) {
            // No cache can be rewritten: there is nothing to measure, and a graph that gives nothing out cannot be opened.
            CacheRangeFile.writeNone(file);
            return answer.setCalibration(context.artifacts().adopt(file, Artifacts.SAFETENSORS)).build();
        }
        MeasuredSet set = MeasuredSet.open(context, request.getSamples());
        List<Sample> samples = set.samples();
        OptionalLong image = PromptEncoder.imageToken(bundle.root());
        ElasticModel model = ElasticGraph.of(bundle).cacheStatistics().write(Files.createDirectories(context.workFolder().resolve("graph")));
        try (ElasticSession session = ElasticSession.open(model, threads)) {
            CacheStatistics measured = new CacheStatistics(model, session, token -> image.isPresent() && token == image.getAsLong(), new SplittableRandom(SEED));
            measured.addAll(samples, Batching.DEFAULT, done -> context.progress(0.6 * done / samples.size(), "measuring keys and values"));
            boolean wanted = request.getFormatsList().contains(CacheFormat.NATIVE);
            Map<Integer, List<NativeScales>> scales = wanted ? scales(bundle, measured, set, request.getWorkload().getContext(), answer) : Map.of();
            CacheRangeFile.write(file, bundle, measured, scales);
        }
        return answer.setCalibration(context.artifacts().adopt(file, Artifacts.SAFETENSORS)).build();
    }

    private Map<Integer, List<NativeScales>> scales(Bundle bundle, CacheStatistics measured, MeasuredSet set, int contextTokens, CalibrateCacheResult.Builder answer) throws Exception {
        boolean longer = contextTokens > measured.longest();
        Map<Integer, List<NativeScales>> candidates = CacheTrials.candidates(measured, bundle.cacheLayers(), longer);
        if (candidates.isEmpty()) {
            return Map.of();
        }
        if (longer) {
            answer.addRemarks(remark(bundle, measured, contextTokens));
        }
        context.progress(0.6, "comparing thresholds of static scales");
        ElasticModel model = ElasticGraph.of(bundle).cacheWidths(Map.of()).nativeCaches(candidates).answerLogits()
                .write(Files.createDirectories(context.workFolder().resolve("thresholds")));
        try (ElasticSession session = ElasticSession.open(model, 1)) {
            CacheTrials trials = new CacheTrials(model, session, set.scorer(COMPARED, threads), (sample, logits, dense) -> context.throwIfStopped());
            List<CacheTrials.Choice> choices = trials.thresholds();
            choices.forEach(c -> answer.addThresholds(ScaleThreshold.newBuilder().setBits(c.bits()).setSide(c.key() ? CacheSide.KEY_SIDE : CacheSide.VALUE_SIDE)
                    .setThreshold(word(c.threshold())).setKl(c.kl()).setChosen(c.chosen())));
            return CacheTrials.chosen(candidates, choices);
        }
    }

    private static String remark(Bundle bundle, CacheStatistics measured, int contextTokens) {
        List<Integer> open = bundle.cacheLayers().stream().map(CacheLayer::layer).filter(measured::has).filter(l -> measured.pairs(l) == RotaryPairs.NONE).toList();
        String extended = "The longest calibration sequence has %d tokens, the workload's context %d: ranges of native keys were extended to the rotary envelope"
                .formatted(measured.longest(), contextTokens);
        return open.isEmpty() ? extended + "." : extended + ", but not in the layers %s, where no rotary embedding was recognised.".formatted(open);
    }

    private static String word(StaticScale threshold) {
        return threshold.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
