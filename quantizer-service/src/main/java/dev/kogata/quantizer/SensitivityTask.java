package dev.kogata.quantizer;

import com.google.protobuf.util.JsonFormat;
import dev.kogata.common.v1.CacheFormat;
import dev.kogata.core.quality.Quality;
import dev.kogata.kit.artifact.Artifacts;
import dev.kogata.kit.worker.TaskContext;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.bundle.CacheLayer;
import dev.kogata.onnx.elastic.CacheRangeFile;
import dev.kogata.onnx.elastic.CacheTrials;
import dev.kogata.onnx.elastic.ElasticGraph;
import dev.kogata.onnx.elastic.ElasticModel;
import dev.kogata.onnx.elastic.ElasticSession;
import dev.kogata.onnx.graph.NativeScales;
import dev.kogata.quantizer.v1.CacheSensitivity;
import dev.kogata.quantizer.v1.CacheSide;
import dev.kogata.quantizer.v1.MeasureCacheSensitivityRequest;
import dev.kogata.quantizer.v1.MeasureCacheSensitivityResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What every width of every layer's keys, or values, alone costs: one pass each in one elastic session, all weights as they came. */
final class SensitivityTask {
    private final TaskContext context;
    private final int threads;

    SensitivityTask(TaskContext context, int threads) {
        this.context = context;
        this.threads = threads;
    }

    /** One measurement to make. */
    private record Question(CacheLayer layer, boolean key, CacheFormat format, int bits) {}

    MeasureCacheSensitivityResult run(MeasureCacheSensitivityRequest request) throws Exception {
        Bundle bundle = Bundle.open(context.folder(request.getModel()));
        MeasuredSet set = MeasuredSet.open(context, request.getSamples());
        Path calibration = context.file(request.getCalibration(), "calibration.safetensors");
        Map<Integer, List<NativeScales>> scales = request.getFormatsList().contains(CacheFormat.NATIVE) ? CacheRangeFile.nativeScales(calibration, bundle) : Map.of();
        boolean portable = request.getFormatsList().isEmpty() || request.getFormatsList().contains(CacheFormat.PORTABLE);
        int conversations = request.getMaximumConversations() == 0 ? set.samples().size() : Math.min(request.getMaximumConversations(), set.samples().size());
        ElasticModel model = ElasticGraph.of(bundle).cacheWidths(CacheRangeFile.keyFactors(calibration, bundle)).nativeCaches(scales).answerLogits()
                .write(Files.createDirectories(context.workFolder().resolve("graph")));
        List<Question> questions = questions(bundle, portable, scales);
        MeasureCacheSensitivityResult.Builder answer = MeasureCacheSensitivityResult.newBuilder().setConversations(conversations);
        try (ElasticSession session = ElasticSession.open(model, 1)) {
            CacheTrials trials = new CacheTrials(model, session, set.scorer(conversations, threads), (sample, logits, dense) -> context.throwIfStopped());
            for (Question question : questions) {
                context.progress((double) answer.getLossesCount() / questions.size(), "measuring widths of single caches");
                int layer = question.layer.layer();
                Quality quality = question.format == CacheFormat.NATIVE ? trials.nativeSide(layer, question.key, question.bits) : trials.portable(layer, question.key, question.bits);
                answer.addLosses(CacheSensitivity.newBuilder().setLayer(layer).setSide(question.key ? CacheSide.KEY_SIDE : CacheSide.VALUE_SIDE)
                        .setFormat(question.format).setBits(question.bits).setKl(quality.kl()).setKlStandardError(quality.klStandardError()));
            }
        }
        Path document = context.workFolder().resolve("cache-sensitivity.json");
        Files.writeString(document, JsonFormat.printer().preservingProtoFieldNames().alwaysPrintFieldsWithNoPresence().print(answer.build()));
        return answer.setDocument(context.artifacts().adopt(document, Artifacts.JSON)).build();
    }

    private static List<Question> questions(Bundle bundle, boolean portable, Map<Integer, List<NativeScales>> scales) {
        List<Question> questions = new ArrayList<>();
        for (CacheLayer layer : bundle.cacheLayers()) {
            for (boolean key : new boolean[] {true, false}) {
                if (portable) {
                    layer.widths().stream().filter(bits -> bits > 0).forEach(bits -> questions.add(new Question(layer, key, CacheFormat.PORTABLE, bits)));
                }
                if (scales.containsKey(layer.layer())) {
                    layer.nativeWidths().forEach(bits -> questions.add(new Question(layer, key, CacheFormat.NATIVE, bits)));
                }
            }
        }
        return questions;
    }
}
